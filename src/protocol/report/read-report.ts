// SPDX-License-Identifier: Apache-2.0
/**
 * What a mail that came back wants to say, whoever wrote it and however badly: RFC 3464 and its many breaches, texts of mail
 * systems that know no standard, feedback reports (RFC 5965, RFC 6591), automatic replies (RFC 3834).
 *
 * The order is that of certainty: fields for programs come before words for people. Who is not sure says `other`: a reply
 * that is taken for a bounce stops mail to a good customer.
 */
import { reportLimits } from '../../base/limits/feedback-limits.ts'
import { LooseFields } from '../message/loose-fields.ts'
import { contentOf, type Mail, readMail, readMailText } from '../mime/mail-reader.ts'
import { isAutomaticReply, isSurelyAutomaticReply, isUnsubscribeWish } from './automatic-reply.ts'
import { readFeedback } from './feedback-fields.ts'
import { readNotice, wordsAbout } from './notice.ts'
import type { ConcernedRecipient, ReadReport, ReportKind } from './report-facts.ts'
import { moreExact, reportedReply } from './reported-reply.ts'
import { returnedFields } from './returned-mail.ts'
import { readDeliveryStatus } from './status-fields.ts'

/** Reads at most `reportLimits.octets`. Never throws: what it cannot make sense of is `other`. */
export function readReport(octets: Uint8Array): ReadReport {
  return readWithin(readMail(octets), reportLimits.messages)
}

function readWithin(mail: Mail, depth: number): ReadReport {
  const outer = readOne(mail)
  if (isForPrograms(outer) || depth <= 1) return outer
  const forwarded = mail.parts.find(({ type }) => type === 'message/rfc822')
  if (forwarded === undefined) return outer
  const inner = readWithin(readMailText(contentOf(forwarded)), depth - 1)
  // What is for people in there may be about mail from anywhere.
  return isForPrograms(inner) ? inner : outer
}

function isForPrograms({ form }: ReadReport): boolean {
  return form === 'delivery-status' || form === 'feedback-report'
}

function readOne(mail: Mail): ReadReport {
  const returned = returnedFields(mail)
  const feedback = readFeedback(mail, returned)
  if (feedback !== null) return feedback
  const status = readDeliveryStatus(mail)
  if (status !== null && status.recipients.length > 0) {
    const recipients = status.recipients.map((each) => completed(each, mail, returned))
    return { ...nothing, ...status, recipients, returned }
  }
  if (isUnsubscribeWish(mail)) return { ...nothing, kind: 'unsubscribe', form: 'text', returned }
  if (isSurelyAutomaticReply(mail)) return automatic(returned)
  const notice = readNotice(mail, returned)
  if (notice !== null)
    return { ...nothing, ...notice, reportingMta: status?.reportingMta ?? null, form: 'text' }
  if (isAutomaticReply(mail)) return automatic(returned)
  return { ...nothing, returned }
}

/** Fields without a diagnosis get what the words of the report say. */
function completed(
  recipient: ConcernedRecipient,
  mail: Mail,
  returned: LooseFields,
): ConcernedRecipient {
  const { address, text, status } = recipient
  if (text !== '' || address === null) return recipient
  const said = reportedReply(wordsAbout(mail, returned, address))
  return { ...recipient, text: said.text, code: said.code, status: moreExact(status, said.status) }
}

function automatic(returned: LooseFields): ReadReport {
  return { ...nothing, kind: 'auto-reply', form: 'text', returned }
}

const nothing = {
  kind: 'other' as ReportKind,
  form: 'none',
  recipients: [],
  feedbackType: null,
  reportingMta: null,
  returned: new LooseFields(),
} as const satisfies ReadReport
