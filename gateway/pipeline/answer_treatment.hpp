#pragma once

#include "gateway/headers/downstream_head.hpp"
#include "gateway/headers/field_template.hpp"
#include "gateway/headers/treatment.hpp"
#include "gateway/pipeline/serve.hpp"

#include <optional>

namespace gatehouse::gateway {

/// What the route of an exchange changes of its upstream's answer. Outlives the delivery.
class AnswerTreatment {
public:
    explicit AnswerTreatment(Exchange& exchange) noexcept
    {
        const auto* treatment = exchange.admission.route->treatment;
        if (treatment == nullptr) return;
        treatment_ = treatment;
        facts_.emplace(TemplateFacts{exchange.request, exchange.admission, exchange.client.peer(),
                                     exchange.generation->runtime->clients, exchange.id.text(),
                                     exchange.client.certificate});
        changes_.emplace(AnswerChanges{treatment->response, *facts_});
    }

    AnswerTreatment(const AnswerTreatment&) = delete;
    AnswerTreatment& operator=(const AnswerTreatment&) = delete;

    void apply_to(Delivery& delivery) const noexcept
    {
        if (treatment_ == nullptr) return;
        delivery.changes = &*changes_;
        delivery.security = treatment_->security;
    }

private:
    const Treatment* treatment_ = nullptr;
    std::optional<TemplateFacts> facts_;
    std::optional<AnswerChanges> changes_;
};

} // namespace gatehouse::gateway
