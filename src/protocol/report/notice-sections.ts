// SPDX-License-Identifier: Apache-2.0
/** Where the words of a mail system end, and the mail that it returns begins. */
import { reportLimits } from '../../base/limits/feedback-limits.ts'
import type { LooseFields } from '../message/loose-fields.ts'
import { type Mail, type MailPart, textOf } from '../mime/mail-reader.ts'
import { plainTextOfHtml } from '../mime/plain-text-of-html.ts'
import { fieldsOf } from './returned-mail.ts'

export interface NoticeSections {
  /** What the mail system says. */
  readonly words: string
  /** Header fields of what it returns. */
  readonly returned: LooseFields
}

/** Lines after which a mail system quotes the mail; a transcript of its session is still its own words. */
const SEPARATORS: readonly RegExp[] = [
  /^[\s>*#=_+|~]*-{2,}.{0,60}\b(?:copy|original|unsent|returned|undelivered|forwarded|rejected)\b.{0,60}-{2,}\s*$/i,
  /^[\s>*#=_+|~-]*(?:below this line is|this is|here is) (?:a )?copy of/i,
  /^[\s>*#=_+|~-]*(?:the )?(?:first|last) \d+ lines of/i,
  /^[\s>*#=_+|~-]*(?:the |your )?(?:original|unsent|undelivered|returned|rejected|failed)?[ -]*(?:message|mail|e-?mail) (?:as |is |text |header |headers |contents? |information )*(?:follows?|below|attached|enclosed)?[\s:.>=*-]*$/i,
  /^[\s>*#=_+|~-]*(?:the )?headers? (?:of|from|lines?)\b.{0,60}[:.-]+\s*$/i,
]
const FIELD_LINE =
  /^(?:>\s?)?(?:return-path|received|message-id|mime-version|delivered-to|x-[\w-]+|date|from|to|subject|content-type|reply-to|cc|sender|errors-to|dkim-signature|in-reply-to|references)\s*:/i
/** So many lines of fields in a row are a header section, whatever stands above it. */
const FIELDS_IN_A_ROW = 4

/** `returned`: what came back in a part of its own. */
export function noticeSections(mail: Mail, returned: LooseFields): NoticeSections {
  const text = textsBefore(mail).slice(0, reportLimits.textCharacters)
  const lines = text.split('\n')
  const end = lines.findIndex((line, at) => isSeparator(line) || beginsHeader(lines, at))
  if (end === -1) return { words: text, returned }
  const rest = lines.slice(end).join('\n')
  return {
    words: lines.slice(0, end).join('\n'),
    returned: returned.isEmpty ? headerIn(rest) : returned,
  }
}

/** Texts that come before a returned mail; HTML only where there is no plain text. */
function textsBefore({ parts }: Mail): string {
  const end = parts.findIndex(
    ({ type }) => type === 'message/rfc822' || type === 'text/rfc822-headers',
  )
  const before = end === -1 ? parts : parts.slice(0, end)
  const plain = before.filter(({ type }) => type === 'text/plain')
  if (plain.some(({ body }) => body.trim() !== '')) return plain.map(textOf).join('\n')
  return before
    .filter(isHtml)
    .map((part) => plainTextOfHtml(textOf(part)))
    .join('\n')
}

function isSeparator(line: string): boolean {
  return line.length < 200 && SEPARATORS.some((separator) => separator.test(line))
}

function isHtml({ type }: MailPart): boolean {
  return type === 'text/html'
}

function beginsHeader(lines: readonly string[], at: number): boolean {
  if (!FIELD_LINE.test(lines[at] ?? '')) return false
  let fields = 0
  for (let line = at; line < Math.min(lines.length, at + 60); line++) {
    const text = lines[line] ?? ''
    if (FIELD_LINE.test(text)) fields++
    else if (!/^(?:>\s?)?[ \t]+\S|^(?:>\s?)?[\w-]+:/.test(text)) break
    if (fields === FIELDS_IN_A_ROW) return true
  }
  return false
}

/** The first lines of a quoted mail that are fields; quote marks before them do not count. */
function headerIn(quoted: string): LooseFields {
  const bare = quoted.replaceAll(/^[>|] ?/gm, '')
  const start = bare.search(/^[\w-]{2,40}:[ \t]/m)
  return fieldsOf(start === -1 ? '' : bare.slice(start))
}
