#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace gatehouse::gateway::test {

struct CertificateTerms {
    std::vector<std::string>
        names{}; // DNS names, or IP addresses; the first is the common name too
    enum class Key { p256, rsa_2048, rsa_1024 } key = Key::p256;
    std::chrono::seconds begins_in = -std::chrono::hours(1);
    std::chrono::seconds ends_in = std::chrono::hours(24);
    std::string subject{}; // its common name, when that is not the first name
};

/// PEM of both.
struct TestCertificate {
    std::string certificate;
    std::string key;
};

/// An authority of a test, and what it signs.
class TestAuthority {
public:
    explicit TestAuthority(const std::string& name = "Test Authority");

    [[nodiscard]] const std::string& certificate() const noexcept { return own_.certificate; }

    [[nodiscard]] TestCertificate sign(const CertificateTerms& terms) const;

private:
    TestCertificate own_;
};

} // namespace gatehouse::gateway::test
