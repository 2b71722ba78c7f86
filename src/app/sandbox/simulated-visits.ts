// SPDX-License-Identifier: Apache-2.0
/** What a recipient's program would ask the web of this relay for, of a message that is tracked. */
import { contentOf, readMail } from '../../protocol/mime/mail-reader.ts'
import { CLICK_WAY, OPEN_WAY } from '../../records/domains/link-hosts.ts'

/** The picture is loaded, or the first link that counts is followed. */
export type LaterVisit = 'open' | 'click'

const patterns: Readonly<Record<LaterVisit, RegExp>> = {
  open: new RegExp(`"https://[^/"\\s]+(/${OPEN_WAY}/[\\w-]+\\.gif)"`),
  click: new RegExp(`"https://[^/"\\s]+(/${CLICK_WAY}/[\\w-]+/[\\w-]+)"`),
}

/** The path of it; `null`: the message does not count that. `content`: as much as is there. */
export function visitIn(content: Buffer, visit: LaterVisit): string | null {
  for (const part of readMail(content).parts) {
    const path = part.type === 'text/html' ? patterns[visit].exec(contentOf(part))?.[1] : undefined
    if (path !== undefined) return path
  }
  return null
}
