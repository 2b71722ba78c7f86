// SPDX-License-Identifier: Apache-2.0
/**
 * The argument of MAIL and RCPT: `FROM:<path> parameters`. RFC 5321 §4.1.2.
 *
 * A source route (`@a,@b:user@c`) is read and forgotten, as RFC 5321 §4.1.1.3 and appendix C ask. One or more spaces
 * after the colon are borne, since many programs write them; angle brackets are not optional.
 */
import { type Mailbox, parseDomain, parseMailbox } from '../mailbox.ts'

/** What stood between the angle brackets. */
export type Path =
  | { readonly kind: 'mailbox'; readonly mailbox: Mailbox }
  /** `<>`. */
  | { readonly kind: 'null' }
  /** `<postmaster>` without a domain, RFC 5321 §4.5.1. */
  | { readonly kind: 'postmaster' }
  | { readonly kind: 'invalid' }

export interface PathArgument {
  readonly path: Path
  /** As received, without brackets. */
  readonly written: string
  /** All after the path, separated by spaces. */
  readonly parameters: string
}

/** `null` where the argument is not `keyword:<…>`. `keyword` is upper case. */
export function parsePathArgument(argument: string, keyword: 'FROM' | 'TO'): PathArgument | null {
  const colon = keyword.length
  if (argument.charAt(colon) !== ':') return null
  if (argument.slice(0, colon).toUpperCase() !== keyword) return null
  let open = colon + 1
  while (argument.charAt(open) === ' ') open++
  if (argument.charAt(open) !== '<') return null
  const close = closingBracket(argument, open)
  if (close < 0) return null
  const after = argument.charAt(close + 1)
  if (after !== '' && after !== ' ') return null
  const written = argument.slice(open + 1, close)
  return { path: parsePath(written), written, parameters: argument.slice(close + 2) }
}

function parsePath(text: string): Path {
  if (text === '') return { kind: 'null' }
  const afterRoute = text.startsWith('@') ? withoutSourceRoute(text) : text
  if (afterRoute === null) return { kind: 'invalid' }
  const mailbox = parseMailbox(afterRoute)
  if (mailbox !== null) return { kind: 'mailbox', mailbox }
  return text.toLowerCase() === 'postmaster' ? { kind: 'postmaster' } : { kind: 'invalid' }
}

function withoutSourceRoute(text: string): string | null {
  const colon = text.indexOf(':')
  if (colon < 0) return null
  for (const hop of text.slice(0, colon).split(','))
    if (!hop.startsWith('@') || parseDomain(hop.slice(1)) === null) return null
  return text.slice(colon + 1)
}

/** Index of the `>` that ends the path: one in a quoted local-part does not. */
function closingBracket(text: string, open: number): number {
  const first = text.indexOf('>', open)
  const quote = text.indexOf('"', open)
  if (quote < 0 || quote > first) return first
  let isQuoted = false
  for (let at = open + 1; at < text.length; at++) {
    const letter = text.charAt(at)
    if (isQuoted && letter === '\\') at++
    else if (letter === '"') isQuoted = !isQuoted
    else if (letter === '>' && !isQuoted) return at
  }
  return -1
}
