// SPDX-License-Identifier: Apache-2.0
/** `posthaste suppression import|export`: CSV, line by line, however many there are. */
import { createReadStream, createWriteStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { finished } from 'node:stream/promises'
import { type Command, Option } from 'commander'
import type { ApiClient } from '../../../api/client/api-client.ts'
import type { SuppressionAnswer } from '../../../api/resources/suppression-fields.ts'
import * as files from '../../../api/resources/suppression-files.ts'
import { messageOf, RelayError } from '../../../base/errors.ts'
import { suppressionLimits } from '../../../base/limits/record-limits.ts'
import { entryReasons } from '../../../records/suppressions/suppression.ts'
import { readHeader } from '../../../records/suppressions/suppression-csv.ts'
import { Progress } from '../progress.ts'
import type { Shell } from '../shell.ts'
import type { Terminal } from '../terminal.ts'

interface ImportOptions {
  readonly tenant?: string
  readonly reason: SuppressionAnswer['reason']
  readonly address: boolean
  readonly skipBad?: true
}

interface ExportOptions {
  readonly tenant?: string
  readonly reason?: SuppressionAnswer['reason']
}

/** Characters of lines that go together; a line more may come on top. */
const PART_CHARACTERS = suppressionLimits.partOctets / 4

const IMPORT_HELP = `
The first line names the columns; "posthaste suppression export" writes what import reads. A file of addresses alone,
one a line, needs none. Nothing counts before all of it does: where lines are wrong they are told and nothing is
imported, unless --skip-bad leaves them out. "posthaste suppression undo --import ID" takes an import back.`

export function defineFiles(command: Command, shell: Shell): void {
  command
    .command('import <file>')
    .description('Imports entries from CSV; "-" reads standard input.')
    .option('--tenant <id>', 'whose (default: the only tenant)')
    .addOption(
      new Option('--reason <reason>', 'of lines that give none')
        .choices(entryReasons)
        .default('manual'),
    )
    .option('--no-address', 'keep only hashes of the addresses')
    .option('--skip-bad', 'leave lines out that are wrong')
    .addHelpText('after', IMPORT_HELP)
    .action((file: string, options: ImportOptions) =>
      shell.withApi((api) => new FileImport(api, shell.terminal, options).run(file)),
    )
  command
    .command('export [file]')
    .description('Writes entries as CSV, to standard output or a file.')
    .option('--tenant <id>', 'only of this tenant')
    .addOption(new Option('--reason <reason>', 'only of this reason').choices(entryReasons))
    .action((file: string | undefined, options: ExportOptions) =>
      shell.withApi((api) => exportTo(api, shell.terminal, file ?? '-', options)),
    )
}

/** One file, from its first line to the last: all of it, or nothing. */
export class FileImport {
  readonly #api: ApiClient
  readonly #terminal: Terminal
  readonly #options: ImportOptions
  readonly #sum = { lines: 0, added: 0, known: 0, bad: 0 }
  readonly #badLines: { readonly line: number; readonly message: string }[] = []

  constructor(api: ApiClient, terminal: Terminal, options: ImportOptions) {
    this.#api = api
    this.#terminal = terminal
    this.#options = options
  }

  async run(file: string): Promise<void> {
    const { tenant, skipBad } = this.#options
    const { id } = await this.#api.call(files.begin, { query: { tenant } })
    try {
      await this.#readAll(id, file)
      if (this.#sum.bad > 0 && !skipBad)
        throw new RelayError(
          'RLY_RECORD_INVALID',
          `${this.#sum.bad} of ${this.#sum.lines} lines are wrong, and nothing was imported; mend them, or leave them out with --skip-bad`,
          { details: { badLines: this.#badLines } },
        )
      await this.#api.call(files.finish, { params: { id } })
    } catch (thrown) {
      // Whatever it was: nothing of it shall stay.
      this.#tellBad()
      await this.#abandon(id)
      throw thrown
    }
    this.#tellBad()
    this.#terminal.result({ id, ...this.#sum, badLines: this.#badLines }, () => this.#text(id))
  }

  /** What is told is why the import failed, not that it could not be given up as well. */
  async #abandon(id: string): Promise<void> {
    try {
      await this.#api.call(files.abandon, { params: { id } })
    } catch (thrown) {
      // The relay went away; or it had finished the import, and that answer was lost.
      if (this.#terminal.isJson) return
      const why = messageOf(thrown)
      const look = `posthaste suppression list --import ${id}`
      this.#terminal.note(
        `The import ${id} could not be given up either: ${why}. "${look}" says whether something of it counts; else it is removed after a day.`,
      )
    }
  }

  async #readAll(id: string, file: string): Promise<void> {
    const input = file === '-' ? process.stdin : createReadStream(file)
    const failed = new Promise<never>((_, reject) => input.once('error', reject))
    failed.catch(() => {})
    const size = file === '-' ? null : ((await sizeOf(file)) ?? null)
    const progress = new Progress(this.#terminal, size)
    let header: string | null = null
    let lines: string[] = []
    let characters = 0
    let number = 0
    const flush = async () => {
      if (lines.length > 0) await this.#send(id, header, lines, number - lines.length + 1)
      progress.advance(characters, `${this.#sum.lines} lines`)
      lines = []
      characters = 0
    }
    const reader = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })
    for await (const text of untilFailed(reader, failed)) {
      const line = number === 0 ? text.replace(/^\uFEFF/, '') : text
      number++
      if (number === 1 && readHeader(line) !== null) header = line
      else lines.push(line)
      characters += line.length + 1
      if (characters >= PART_CHARACTERS) await flush()
    }
    await flush()
    progress.end()
  }

  async #send(id: string, header: string | null, lines: readonly string[], first: number) {
    const { address, reason } = this.#options
    const done = await this.#api.call(files.part, {
      params: { id },
      body: {
        csv: (header === null ? lines : [header, ...lines]).join('\n'),
        firstLine: first,
        reason,
        keepAddress: address,
      },
    })
    this.#sum.lines += lines.length
    this.#sum.added += done.added
    this.#sum.known += done.known
    this.#sum.bad += done.bad
    const room = suppressionLimits.namedLines - this.#badLines.length
    this.#badLines.push(...done.badLines.slice(0, Math.max(0, room)))
  }

  /** For a person; with `--json` they are in the result, or in the error. */
  #tellBad(): void {
    if (this.#terminal.isJson) return
    for (const { line, message } of this.#badLines)
      this.#terminal.note(this.#terminal.styledNote('yellow', `line ${line}: ${message}`))
    const more = this.#sum.bad - this.#badLines.length
    if (more > 0) this.#terminal.note(`and ${more} more`)
  }

  #text(id: string): string {
    const { added, bad, known } = this.#sum
    const rest = [
      known > 0 ? `${known} were there already` : null,
      bad > 0 ? `${bad} lines were left out` : null,
    ].filter((part) => part !== null)
    return `Imported ${added} entries${rest.map((part) => `; ${part}`).join('')}.\n${this.#terminal.styled('cyan', `posthaste suppression undo --import ${id}`)} takes that back.`
  }
}

async function exportTo(
  api: ApiClient,
  terminal: Terminal,
  file: string,
  { reason, tenant }: ExportOptions,
): Promise<void> {
  const output = file === '-' ? null : createWriteStream(file, { mode: 0o600, flags: 'wx' })
  const failed = output && finished(output)
  failed?.catch(() => {})
  const write = (text: string): void => {
    if (output === null) terminal.line(text)
    else output.write(`${text}\n`)
  }
  const progress = new Progress(terminal, null)
  let cursor: string | undefined
  let count = 0
  do {
    const limit = suppressionLimits.exportTogether
    const page = await api.call(files.exported, { query: { tenant, reason, cursor, limit } })
    if (cursor === undefined) write(page.header)
    if (page.lines.length > 0) write(page.lines.join('\n'))
    count += page.lines.length
    if (output !== null) progress.advance(page.lines.length, `${count} entries`)
    cursor = page.nextCursor ?? undefined
  } while (cursor !== undefined)
  progress.end()
  if (output === null) return
  output.end()
  try {
    await failed
  } catch (thrown) {
    throw new RelayError('RLY_USAGE', `${file} cannot be written: ${messageOf(thrown)}`)
  }
  terminal.result({ file, entries: count }, () => `Wrote ${count} entries to ${file}.`)
}

async function sizeOf(file: string): Promise<number | null> {
  try {
    return (await stat(file)).size
  } catch (thrown) {
    throw new RelayError('RLY_USAGE', `${file} cannot be read: ${messageOf(thrown)}`)
  }
}

/** Lines, until there are no more; a file that breaks off in the middle is no end. */
async function* untilFailed(
  reader: AsyncIterable<string>,
  failed: Promise<never>,
): AsyncIterable<string> {
  const lines = reader[Symbol.asyncIterator]()
  for (;;) {
    const next = await Promise.race([lines.next(), failed])
    if (next.done) return
    yield next.value
  }
}
