// SPDX-License-Identifier: Apache-2.0
/**
 * The part of a delivery report that is for programs: RFC 3464 §2, RFC 6533, and what is made of it: groups without empty
 * lines between them, a part of the wrong type, recipients without an action.
 */
import { reportLimits } from '../../base/limits/feedback-limits.ts'
import { type LooseFields, readFields } from '../message/loose-fields.ts'
import { contentOf, type Mail } from '../mime/mail-reader.ts'
import { addressInField, hostInField } from './named-address.ts'
import type { ConcernedRecipient, ReportedAction, ReportKind } from './report-facts.ts'
import { moreExact, reportedReply } from './reported-reply.ts'

export interface DeliveryStatus {
  readonly kind: ReportKind
  readonly form: 'delivery-status'
  readonly recipients: readonly ConcernedRecipient[]
  readonly reportingMta: string | null
}

const STATUS_TYPE = /^message\/(?:x?delivery-?status|global-delivery-status)$/
const RECIPIENT_FIELD = /^(?:Final|Original)-Recipient[ \t]*:/im
/** A report that has lost its part's type still says what no person writes. */
const STATUS_FIELD = /^(?:Action|Status|Diagnostic-Code)[ \t]*:/im

/** Of one that somebody forwards with marks before each line. */
const QUOTED_FIELD = /^> ?(?:Final|Original)-Recipient[ \t]*:/im

const actions: Readonly<Record<string, ReportedAction>> = {
  failed: 'failed',
  failure: 'failed',
  delayed: 'delayed',
  delivered: 'delivered',
  relayed: 'relayed',
  expanded: 'expanded',
}

/** `null`: there is no such part. */
export function readDeliveryStatus(mail: Mail): DeliveryStatus | null {
  const part = statusPart(mail)
  if (part === null) return null
  const groups = groupsOf(part)
  const recipients = groups
    .flatMap((group) => recipientOf(group) ?? [])
    .slice(0, reportLimits.recipients)
  const mta = groups.find((group) => group.first('reporting-mta') !== null)
  return {
    kind: kindOf(recipients),
    form: 'delivery-status',
    recipients,
    reportingMta: hostInField(mta?.first('reporting-mta') ?? null),
  }
}

/** Its text. */
function statusPart(mail: Mail): string | null {
  const typed = mail.parts.find(({ type }) => STATUS_TYPE.test(type))
  if (typed !== undefined) return contentOf(typed)
  for (const part of mail.parts) {
    const text = part.type.startsWith('text/') ? contentOf(part) : ''
    const bare = QUOTED_FIELD.test(text) ? text.replaceAll(/^(?:> ?)+/gm, '') : text
    if (RECIPIENT_FIELD.test(bare) && STATUS_FIELD.test(bare)) return bare
  }
  return null
}

/** Of the message first, then one for each recipient, whether or not an empty line is between them. */
function groupsOf(text: string): readonly LooseFields[] {
  const groups: string[] = []
  let group: string[] = []
  let seen = new Set<string>()
  const close = (): void => {
    if (group.length > 0) groups.push(group.join('\n'))
    group = []
    seen = new Set()
  }
  for (const line of text.split('\n')) {
    if (groups.length > reportLimits.recipients) break
    const name = /^(final-recipient|original-recipient)[ \t]*:/i.exec(line)?.[1]?.toLowerCase()
    if (line.trim() === '' || (name !== undefined && seen.has(name))) close()
    if (name !== undefined) seen.add(name)
    if (line.trim() !== '') group.push(line)
  }
  close()
  return groups.map(readFields)
}

/** Whom the report names first is whom we sent to; the final one may be behind a forward that only the receiver knows. */
function recipientOf(group: LooseFields): ConcernedRecipient | null {
  const original = addressInField(group.text('original-recipient'))
  const final = addressInField(group.text('final-recipient'))
  const address = original ?? final
  if (group.first('final-recipient') === null && original === null) return null
  const said = reportedReply(group.text('diagnostic-code').replace(/^[\w-]+\s*;/, ''))
  const field = /[245]\.\d{1,3}\.\d{1,3}/.exec(group.first('status') ?? '')?.[0] ?? null
  const status = moreExact(field, said.status)
  const action = actions[/[a-z]+/i.exec(group.first('action') ?? '')?.[0].toLowerCase() ?? '']
  return {
    address,
    action: action ?? (status?.startsWith('2') ? 'delivered' : 'failed'),
    status,
    code: said.code,
    text: said.text,
    remoteMta: hostInField(group.first('remote-mta')),
  }
}

/** The worst of what befell anybody. */
function kindOf(recipients: readonly ConcernedRecipient[]): ReportKind {
  if (recipients.some(({ action }) => action === 'failed')) return 'bounce'
  return recipients.some(({ action }) => action === 'delayed') ? 'delayed' : 'other'
}
