// SPDX-License-Identifier: Apache-2.0
/** Command lines as the sink reads them: RFC 5321 §4.1, with the parameters of the extensions that it offers. */

export interface PathCommand {
  /** Without angle brackets, as it was sent; empty for `<>`. */
  readonly path: string
  /** Keywords in upper case; `''` where no value was given. */
  readonly parameters: ReadonlyMap<string, string>
}

/** The verb in upper case and what follows it. */
export function splitCommand(line: string): { readonly verb: string; readonly rest: string } {
  const space = line.indexOf(' ')
  const verb = space === -1 ? line : line.slice(0, space)
  return { verb: verb.toUpperCase(), rest: space === -1 ? '' : line.slice(space + 1).trim() }
}

/** `FROM:<path> KEY=value …` after the verb; `null` where it is not that. */
export function parsePathCommand(rest: string, prefix: 'FROM' | 'TO'): PathCommand | null {
  const match = /^([A-Za-z]+):<((?:"(?:[^"\\]|\\.)*"|[^<>"\s])*)>(?: (.*))?$/.exec(rest)
  if (match?.[1]?.toUpperCase() !== prefix) return null
  const parameters = new Map<string, string>()
  for (const word of (match[3] ?? '').split(' ')) {
    if (word === '') continue
    const [keyword = '', ...value] = word.split('=')
    parameters.set(keyword.toUpperCase(), value.join('='))
  }
  return { path: match[2] ?? '', parameters }
}

/** `octets [LAST]`, RFC 3030 §2; `null` where it is not that. */
export function parseBdat(
  rest: string,
): { readonly octets: number; readonly isLast: boolean } | null {
  const match = /^(\d{1,10})( LAST)?$/i.exec(rest)
  return match ? { octets: Number(match[1]), isLast: match[2] !== undefined } : null
}

/** The value of the first field of that name in the header section, unfolded; `null` where it is not there. */
export function headerField(content: Buffer, name: string): string | null {
  const end = content.indexOf('\r\n\r\n')
  const header = content.toString('utf8', 0, end === -1 ? content.length : end)
  for (const field of header.split(/\r\n(?![ \t])/)) {
    const colon = field.indexOf(':')
    if (field.slice(0, colon).trim().toLowerCase() === name.toLowerCase())
      return field
        .slice(colon + 1)
        .replaceAll('\r\n', '')
        .trim()
  }
  return null
}
