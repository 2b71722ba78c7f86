// SPDX-License-Identifier: Apache-2.0
/** What a submitter is told: in one line which check failed, and what to do. */
import { gateLimits } from '../../base/limits/gate-limits.ts'
import type { GateCheck } from '../../events/gate-check.ts'
import { type Reply, reply } from '../../protocol/reply.ts'
import type { SendingDomain } from '../../records/records.ts'

interface Wording {
  /** RFC 3463, RFC 7372. */
  readonly enhanced: string
  readonly sentence: (domain: SendingDomain) => string
}

const MIB = 1_048_576

const wordings: Readonly<Record<GateCheck, Wording>> = {
  domain: {
    enhanced: '5.7.1',
    sentence: ({ name }) =>
      `${name} is not verified: publish its DNS records, then check the domain`,
  },
  dkim: {
    enhanced: '5.7.20',
    sentence: ({ name }) =>
      `no key of ${name} signs for all of From: publish its DKIM records, and write from one domain`,
  },
  'return-path': {
    enhanced: '5.7.23',
    sentence: ({ name, returnPathDomain }) =>
      `${returnPathDomain} is not aligned with ${name}, or lacks its MX or SPF record: publish them`,
  },
  dmarc: {
    enhanced: '5.7.1',
    sentence: ({ name }) => `${name} has no DMARC policy: publish one, p=none is enough`,
  },
  'one-click': {
    enhanced: '5.7.1',
    sentence: () =>
      'bulk mail needs List-Unsubscribe with an https address and List-Unsubscribe-Post (RFC 8058): add both',
  },
  size: {
    enhanced: '5.7.1',
    sentence: () =>
      `large receivers refuse more than ${gateLimits.contentOctets / MIB} MiB: send a link to the large part`,
  },
  header: {
    enhanced: '5.7.1',
    sentence: () =>
      'Date must be a time near the present, Message-ID be <left@right>, and no line be over 998 octets: mend or leave them out',
  },
}

/** 550 with the first that failed, and the names of the others. */
export function gateReply(
  [first, ...others]: readonly [GateCheck, ...GateCheck[]],
  domain: SendingDomain,
): Reply {
  const { enhanced, sentence } = wordings[first]
  const more = others.length === 0 ? '' : ` (also: ${others.join(', ')})`
  return reply(550, enhanced, `Gate check "${first}" failed: ${sentence(domain)}${more}`)
}

/** For the operator, of the first that failed. */
export function gateSentence(check: GateCheck, domain: SendingDomain): string {
  return wordings[check].sentence(domain)
}
