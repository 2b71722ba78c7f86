// SPDX-License-Identifier: Apache-2.0
/** Header fields of the mail that a report is about: a part of its own, or the end of a text. */
import { LooseFields, readFields, splitHeader } from '../message/loose-fields.ts'
import { contentOf, type Mail } from '../mime/mail-reader.ts'

const RETURNED_TYPE =
  /^(?:message\/(?:rfc822|global|partial)|(?:text|message)\/(?:rfc822-headers?|global-headers))$/

/** None where nothing came back in a part of its own; `noticeOf` finds what came back within a text. */
export function returnedFields(mail: Mail): LooseFields {
  // The last one: a mail gateway may have put a forward around it.
  const part = mail.parts.findLast(({ type }) => RETURNED_TYPE.test(type))
  if (part === undefined) return new LooseFields()
  return fieldsOf(contentOf(part))
}

/** `text`: a header section, with or without a body behind it. */
export function fieldsOf(text: string): LooseFields {
  return readFields(splitHeader(text).header)
}
