// SPDX-License-Identifier: Apache-2.0
/** What a later report about a recipient means: the words of the receiver, as whoever reports quotes them. */
import type { ConcernedRecipient } from '../report/report-facts.ts'
import { moreExact } from '../report/reported-reply.ts'
import type { Classification } from './classifier.ts'
import { classify } from './classify.ts'
import { providerOfHost } from './provider.ts'
import { replyInText } from './reply-in-text.ts'

/** `null` where the report is of no failure: it was delivered, relayed or passed on. */
export function classifyReported(
  recipient: Pick<ConcernedRecipient, 'action' | 'status' | 'code' | 'text' | 'remoteMta'>,
): Classification | null {
  const { action, status, code, text, remoteMta } = recipient
  if (action !== 'failed' && action !== 'delayed') return null
  const said = replyInText(text)
  return classify({
    ...said,
    code: said.code ?? code,
    enhanced: moreExact(status, said.enhanced),
    provider: said.provider ?? (remoteMta === null ? null : providerOfHost(remoteMta)),
  })
}
