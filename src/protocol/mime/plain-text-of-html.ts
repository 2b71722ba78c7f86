// SPDX-License-Identifier: Apache-2.0
/** The words of a page, for reading what a program wrote in it. No layout, no links. */

const entities: Readonly<Record<string, string>> = {
  lt: '<',
  gt: '>',
  amp: '&',
  quot: '"',
  apos: "'",
  nbsp: ' ',
}

/** Elements that end a line become line ends, all others nothing; scripts and styles go as a whole. */
export function plainTextOfHtml(html: string): string {
  return withoutTags(html)
    .replaceAll(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]{2,8}));?/gi, entityText)
    .replaceAll(/[ \t\u00a0]+/g, ' ')
    .replaceAll(/ ?\n[ \n]*/g, '\n')
}

/** One pass from tag to tag, so that a page of `<` alone costs no more than any other. */
function withoutTags(html: string): string {
  let text = ''
  let at = 0
  for (;;) {
    const open = html.indexOf('<', at)
    if (open === -1) return text + html.slice(at)
    text += html.slice(at, open)
    const name = /^\/?(!--|[a-z][a-z0-9]{0,20})/i
      .exec(html.slice(open + 1, open + 24))?.[1]
      ?.toLowerCase()
    const close = closingOf(html, open, name)
    if (name === undefined || close === -1) {
      text += '<'
      at = open + 1
      if (close === -1) return text + html.slice(at)
      continue
    }
    if (/^(?:p|br|div|tr|td|th|li|ul|ol|h[1-6]|table|pre|hr|blockquote)$/.test(name)) text += '\n'
    at = close
  }
}

/** Just behind the tag, or behind the element where nobody reads what is in it; -1 where it has no end. */
function closingOf(html: string, open: number, name: string | undefined): number {
  const end = name === '!--' ? '-->' : '>'
  const close = html.indexOf(end, open + 1)
  if (close === -1) return -1
  if ((name !== 'script' && name !== 'style') || html[open + 1] === '/') return close + end.length
  const element = html.indexOf(`</${name}`, close)
  return element === -1 ? html.length : html.indexOf('>', element) + 1 || html.length
}

function entityText(
  written: string,
  decimal: string | undefined,
  hex: string | undefined,
  name: string | undefined,
): string {
  if (name !== undefined) return entities[name.toLowerCase()] ?? written
  const code = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal)
  return code > 0 && code <= 0x10_ff_ff ? String.fromCodePoint(code).toWellFormed() : written
}
