// SPDX-License-Identifier: Apache-2.0
/** What recipients are answered: a page or a few words, with the fields that keep browsers from doing more than they should. */
import { createHash } from 'node:crypto'

export interface WebAnswer {
  readonly status: number
  readonly fields: Readonly<Record<string, string>>
  readonly body: string | Buffer
}

/** In plain words, for people; `text` is paragraphs. */
export interface PageWords {
  readonly title: string
  readonly text: readonly string[]
  /** What its one button says; `null`: there is none. */
  readonly button: string | null
  /** Below it, small. */
  readonly note: string | null
}

const STYLE = [
  ':root{color-scheme:light dark}',
  'body{margin:0;font:1.125rem/1.5 system-ui,sans-serif}',
  'main{max-width:34rem;margin:0 auto;padding:12vh 1.25rem 2rem}',
  'h1{font-size:1.6rem;line-height:1.25;margin:0 0 1rem;overflow-wrap:anywhere}',
  'p{margin:0 0 1rem;overflow-wrap:anywhere}',
  'button{font:inherit;font-weight:600;min-height:3rem;padding:.6rem 1.4rem;margin:.5rem 0 1.5rem;',
  'border:0;border-radius:.5rem;background:#0b57d0;color:#fff;cursor:pointer}',
  'button:focus-visible{outline:3px solid currentColor;outline-offset:3px}',
  'small{font-size:.95rem}',
].join('')
const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64')

/** Nothing is kept, guessed, framed, or told to whomever a link leads to. */
export const carefulFields = {
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-robots-tag': 'noindex, nofollow',
} as const

const pageFields = {
  ...carefulFields,
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`,
  'x-frame-options': 'DENY',
} as const

/** A page without script, pictures or anything from elsewhere. */
export function page(
  status: number,
  words: PageWords,
  more: Readonly<Record<string, string>> = {},
): WebAnswer {
  return { status, fields: { ...pageFields, ...more }, body: pageText(words) }
}

/** For programs, and for whoever came by mistake. */
export function sentence(
  status: number,
  text: string,
  more: Readonly<Record<string, string>> = {},
): WebAnswer {
  const fields = { ...carefulFields, 'content-type': 'text/plain; charset=utf-8', ...more }
  return { status, fields, body: `${text}\n` }
}

function pageText({ button, note, text, title }: PageWords): string {
  const form = [
    '<form method="post">',
    '<input type="hidden" name="List-Unsubscribe" value="One-Click">',
    '<input type="hidden" name="from" value="page">',
    `<button type="submit">${escaped(button ?? '')}</button>`,
    '</form>',
  ]
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${escaped(title)}</title>`,
    `<style>${STYLE}</style>`,
    '</head>',
    '<body>',
    '<main>',
    `<h1>${escaped(title)}</h1>`,
    ...text.map((each) => `<p>${escaped(each)}</p>`),
    ...(button === null ? [] : form),
    ...(note === null ? [] : [`<p><small>${escaped(note)}</small></p>`]),
    '</main>',
    '</body>',
    '</html>',
    '',
  ].join('\n')
}

function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
