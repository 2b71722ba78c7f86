// SPDX-License-Identifier: Apache-2.0
/** What a refusal in the dialog means, by the rules of `protocol/classify`. */
import type { Classification } from '../../protocol/classify/classifier.ts'
import { classify } from '../../protocol/classify/classify.ts'
import { providerOfHost } from '../../protocol/classify/provider.ts'
import type { Stage } from '../../protocol/classify/rule.ts'
import type { Reply } from '../../protocol/reply.ts'

/** `mx`: `mx1.example.net[192.0.2.1]:25`, or `null` where no host was reached. */
export function diagnose(reply: Reply, stage: Stage | null, mx: string | null): Classification {
  const { code, enhanced, text } = reply
  const provider = mx === null ? null : providerOfHost(mx.slice(0, mx.indexOf('[')))
  return classify({ code, enhanced, text, provider, stage })
}
