// SPDX-License-Identifier: Apache-2.0
/**
 * Feedback reports: RFC 5965 with RFC 6591 and RFC 6692, and Microsoft's form (JMRP), which is the mail itself in a mail, with
 * a field that names the recipient. What only looks like one is none.
 */
import { reportLimits } from '../../base/limits/feedback-limits.ts'
import { type LooseFields, readFields } from '../message/loose-fields.ts'
import { contentOf, type Mail } from '../mime/mail-reader.ts'
import { addressInField, folded, hostInField } from './named-address.ts'
import type { ConcernedRecipient, ReadReport, ReportKind } from './report-facts.ts'

/** Registered with IANA (RFC 5965 §7.3, RFC 6430, RFC 6591), and what AOL and others had before. */
const kinds: Readonly<Record<string, ReportKind>> = {
  abuse: 'complaint',
  fraud: 'complaint',
  virus: 'complaint',
  other: 'complaint',
  miscategorized: 'complaint',
  'opt-out': 'unsubscribe',
  'opt-out-list': 'unsubscribe',
  'not-spam': 'other',
  'auth-failure': 'other',
  dkim: 'other',
}

const RECIPIENT_FIELDS = ['original-rcpt-to', 'removal-recipient', 'redacted-address']
/** JMRP; the older names are of its time as Hotmail. */
const JMRP_FIELDS = ['x-hmxmroriginalrecipient', 'x-hmxmroriginalrcpt']

/** `null`: it is none. */
export function readFeedback(mail: Mail, returned: LooseFields): ReadReport | null {
  const part = mail.parts.find(({ type }) => type === 'message/feedback-report')
  if (part === undefined) return readJmrp(mail, returned)
  const fields = readFields(
    contentOf(part)
      .trimStart()
      .replaceAll(/\n{2,}/g, '\n'),
  )
  const feedbackType = fields.first('feedback-type')?.toLowerCase().trim() ?? null
  // RFC 5965 §3.1: without it the report is no report.
  if (feedbackType === null) return null
  return {
    kind: kinds[feedbackType] ?? 'other',
    form: 'feedback-report',
    recipients: recipientsOf(fields, returned),
    feedbackType,
    reportingMta: hostInField(fields.first('reporting-mta') ?? fields.first('user-agent')),
    returned,
  }
}

function readJmrp(mail: Mail, returned: LooseFields): ReadReport | null {
  const value = JMRP_FIELDS.map((name) => returned.first(name)).find((found) => found !== null)
  if (value === undefined || value === null || !mail.type.startsWith('multipart/')) return null
  return {
    kind: 'complaint',
    form: 'feedback-report',
    recipients: [concerned(addressInField(value))],
    feedbackType: 'abuse',
    reportingMta: null,
    returned,
  }
}

/** Of a report that names nobody, whom the mail itself went to: where its own header is not redacted as well. */
function recipientsOf(fields: LooseFields, returned: LooseFields): readonly ConcernedRecipient[] {
  const named = RECIPIENT_FIELDS.flatMap((name) => fields.all(name))
  const addresses = named.flatMap((value) => value.split(',')).map(addressInField)
  const known = new Map<string, string>()
  for (const address of addresses.slice(0, reportLimits.recipients))
    if (address !== null && !isRedacted(address)) known.set(folded(address), address)
  if (known.size > 0) return [...known.values()].map(concerned)
  const to = addressInField(returned.first('x-hmxmroriginalrecipient') ?? '')
  return to === null ? [] : [concerned(to)]
}

/** RFC 6590 replaces the local-part by what says nothing; a word that says so is not an address either. */
function isRedacted(address: string): boolean {
  return /^(?:redacted|x{3,})@/i.test(address)
}

function concerned(address: string | null): ConcernedRecipient {
  return { address, action: 'delivered', status: null, code: null, text: '', remoteMta: null }
}
