// Refusals in the words of the page.
import { has, t } from './texts.js';

/** One sentence for a person. */
export function sentenceFor(refused) {
  if (refused.retryAfter > 0 && refused.code === 'too_many_attempts') {
    return t('error.too_many_attempts_wait', { wait: waitText(refused.retryAfter) });
  }
  const key = `error.${refused.code}`;
  if (has(key)) return t(key);
  const id = refused.detail?.requestId;
  return id ? t('error.unknown_with_id', { id }) : t('error.unknown');
}

function waitText(seconds) {
  if (seconds < 90) return t('wait.seconds', { n: seconds });
  return t('wait.minutes', { n: Math.ceil(seconds / 60) });
}

/** What is wrong with one field. The API says it in English, and always in the same words but for numbers. */
export function fieldSentence(message) {
  const whole = `said.${message}`;
  if (has(whole)) return t(whole);
  const counted = whole.replace(/\d+/, '{n}');
  return has(counted) ? t(counted, { n: /\d+/.exec(message)[0] }) : t('said.is not allowed');
}
