// SPDX-License-Identifier: Apache-2.0
/**
 * Where an endpoint is, as its tenant may name it. Whom a name leads to is looked at when it is connected to; here only what can
 * never be right is refused.
 */
import { RelayError } from '../../base/errors.ts'
import { webhookLimits } from '../../base/limits/webhook-limits.ts'

/** In its one spelling (WHATWG URL). `mayBeClear`: `http://` will do for networks that the operator has named. */
export function webhookUrl(text: string, mayBeClear: boolean): string {
  if (text.length > webhookLimits.urlCharacters)
    throw invalid(`a URL has at most ${webhookLimits.urlCharacters} characters`)
  const url = URL.canParse(text) ? new URL(text) : null
  if (url === null || !/^https?:$/.test(url.protocol))
    throw invalid(`"${text}" is no URL: expected one such as "https://example.com/webhooks"`)
  if (url.protocol === 'http:' && !mayBeClear)
    throw invalid(`"${text}" is in the clear: events name recipients, so https:// is wanted`)
  if (url.username !== '' || url.password !== '')
    throw invalid('a URL with a password in it ends up in logs: requests are signed instead')
  url.hash = ''
  return url.href
}

function invalid(text: string): RelayError {
  return new RelayError('RLY_RECORD_INVALID', text)
}
