// SPDX-License-Identifier: Apache-2.0
/** Findings as events: whom in a message they are about, and what is said of them. */

import type { FeedbackEvent, ReceivedEvent, ReportEvent, Unwritten } from '../events/event.ts'
import { meaningOf } from '../events/meaning.ts'
import { classifyReported } from '../protocol/classify/classify-reported.ts'
import { isSandboxed } from '../spool/sandbox.ts'
import type { Finding, FindingKind } from './finding.ts'

type Said = Finding['concerned'][number]

/** A recipient of the message, and what the report says of it. */
export interface Concern {
  readonly index: number
  readonly recipient: string
  readonly said: Said
}

interface Stamp {
  readonly at: string
  readonly node: string
}

const NOTHING: Said = { address: null, code: null, status: null, text: '' }

/**
 * By the token's index; else by the addresses that the report names, or because there is nobody else. A report about somebody
 * whom a recipient forwards to is about that recipient.
 */
export function concernedBy(finding: Finding, { recipients }: ReceivedEvent): readonly Concern[] {
  const { concerned, recipientIndex } = finding
  const only = recipients.length === 1 ? 0 : null
  const index = recipientIndex ?? only
  if (index !== null) {
    const recipient = recipients[index]
    if (recipient === undefined) return []
    const said = concerned.find(({ address }) => isSame(address, recipient)) ?? concerned[0]
    return [{ index, recipient, said: said ?? NOTHING }]
  }
  return recipients.flatMap((recipient, at) => {
    const said = concerned.find(({ address }) => isSame(address, recipient))
    return said === undefined ? [] : [{ index: at, recipient, said }]
  })
}

/** Spellings that nearly every receiver takes for one. */
function isSame(address: string | null, recipient: string): boolean {
  return address?.toLowerCase() === recipient.toLowerCase()
}

export function feedbackEvent(
  what: Exclude<FindingKind, 'noted'>,
  finding: Finding,
  message: ReceivedEvent,
  { index, recipient, said }: Concern,
  stamp: Stamp,
): Unwritten<FeedbackEvent> {
  const { tenant, stream, campaign, messageId } = message
  const certainty: 'proven' | 'likely' = finding.certainty === 'proven' ? 'proven' : 'likely'
  const common = {
    ...stamp,
    ...{ tenant, stream, campaign, messageId },
    ...{ recipientIndex: index, recipient },
    ...inSandbox(message, recipient),
    certainty,
    reportingMta: finding.reportingMta,
    peer: finding.peer,
    ...authenticationIn(finding),
  }
  switch (what) {
    case 'bounced': {
      const diagnosis = { code: said.code, enhanced: said.status, text: said.text }
      const meant = classifyReported({ ...said, action: 'failed', remoteMta: null })
      const meaning = meant === null ? {} : { meaning: meaningOf(meant) }
      return { type: 'message.bounced', ...common, by: 'report', diagnosis, ...meaning }
    }
    case 'complained':
      return {
        type: 'message.complained',
        ...common,
        feedbackType: finding.feedbackType ?? 'abuse',
      }
    case 'unsubscribed':
      return {
        type: 'message.unsubscribed',
        ...common,
        by: finding.web ?? (finding.feedbackType === null ? 'mail' : 'report'),
      }
  }
}

function authenticationIn({ authentication }: Finding) {
  return authentication === null ? {} : { authentication }
}

export function reportEvent(
  finding: Finding,
  message: ReceivedEvent | null,
  fate: ReportEvent['fate'],
  stamp: Stamp,
): Unwritten<ReportEvent> {
  const { recipientIndex, kind, feedbackType, addressHash, reportingMta, peer, size } = finding
  const recipient =
    message?.recipients[recipientIndex ?? -1] ?? finding.concerned[0]?.address ?? null
  return {
    type: 'report.received',
    ...stamp,
    tenant: message?.tenant ?? finding.tenant,
    stream: message?.stream ?? null,
    campaign: message?.campaign ?? null,
    messageId: finding.messageId,
    recipient,
    ...(message !== null && inSandbox(message, recipient ?? '')),
    ...{ kind, fate, feedbackType, addressHash, reportingMta, peer, size },
    ...(finding.certainty !== null && { certainty: finding.certainty }),
    ...authenticationIn(finding),
  }
}

function inSandbox({ sandbox }: ReceivedEvent, recipient: string) {
  return sandbox || isSandboxed(recipient) ? ({ sandbox: true } as const) : {}
}
