// SPDX-License-Identifier: Apache-2.0
/** What the programs carry. All fields that a relay would add are there already, so the octets must arrive as they are. */

const fields = (subject: string, more = ''): string =>
  'From: Shop <orders@shop.example>\r\nTo: Jane <jane@example.net>\r\n' +
  'Date: Mon, 02 Nov 2026 10:00:00 +0000\r\nMessage-ID: <1@shop.example>\r\n' +
  `Subject: ${subject}\r\n${more}`

const international = 'MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n'

export function plainContent(subject: string): Buffer {
  return Buffer.from(`${fields(subject)}\r\nHello, Jane.\r\n`)
}

/** Lines that programs like to change: dots, blanks at line ends, "From ", a long one, a blank one at the end. */
export function awkwardContent(subject: string): Buffer {
  const lines = [
    '.',
    '..',
    '.leading',
    'blanks at the end  \t',
    'From here',
    '',
    `x${'y'.repeat(900)}`,
  ]
  return Buffer.from(
    `${fields(subject, 'X-Folded: one\r\n\ttwo\r\n  three\r\n')}\r\n${lines.join('\r\n')}\r\n\r\nend\r\n`,
  )
}

export function eightBitContent(subject: string): Buffer {
  const more = `${international}Content-Transfer-Encoding: 8bit\r\n`
  return Buffer.from(`${fields(subject, more)}\r\nGrüße, Jané. \u{1f600}\r\n`)
}

export const BIG_OCTETS = 4 * 1_024 * 1_024

export function bigContent(subject: string): Buffer {
  const line = `${'0123456789'.repeat(7)}\r\n`
  return Buffer.from(`${fields(subject)}\r\n${line.repeat(Math.ceil(BIG_OCTETS / line.length))}`)
}
