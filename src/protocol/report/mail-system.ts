// SPDX-License-Identifier: Apache-2.0
/** Whether a mail was written by a mail system: by its author, its null reverse-path, or the subject that such systems write. */
import type { Mail } from '../mime/mail-reader.ts'

/** Mailboxes and display names of mail systems. */
const AUTHOR =
  /(?:^|[<\s"(])(?:mailer-?daemon|mail-?daemon|mailerdaemon|postmaster|mdaemon|mail-?system|root\+?mailer|ndr|bounces?|mailadmin|double-bounce)\b|mail(?:er)? ?(?:delivery|administrator|transfer)|delivery (?:sub)?system|mail ?system|system administrator|electronic mail/i

const SUBJECT =
  /(?:un|not ?|non)[\s-]?deliver|(?:mail|message|delivery|letter)\b.{0,20}\b(?:fail|error|problem|status|notification|return|reject|refus|warning|delay|block)|(?:fail|error|return|reject|bounce|refus)\w*\b.{0,20}\b(?:mail|message|delivery|notice)|failure notice|returned mail|ndn:|(?:could not|unable to|cannot) (?:be )?(?:send|sent|deliver)|warning: could not send|user unknown|nondeliverable|ikke levert|unzustellbar|zustell|rückläufer|non remis|non recens|échec|no (?:se )?(?:pudo|ha podido)? ?(?:entreg|enviar)|devuelt|non recapitat|mancata consegna|n[ãa]o (?:foi )?(?:entreg|poss)|退信|系统退|投递|投遞|失败|配信|配送|送信|エラー|届け|недостав|не доставлен|반송/iu

/** Not more than a sign: text and addresses decide. */
export function isFromMailSystem({ fields }: Mail): boolean {
  if (AUTHOR.test(fields.text('from'))) return true
  const path = fields.first('return-path')
  if (path !== null && /^<\s*>|mailer-daemon|^<>?$/i.test(path)) return true
  return fields.first('x-failed-recipients') !== null
}

export function hasSubjectOfNotice({ fields }: Mail): boolean {
  return SUBJECT.test(fields.text('subject'))
}
