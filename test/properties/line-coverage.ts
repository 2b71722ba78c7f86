// SPDX-License-Identifier: Apache-2.0
/** How many octets of source a run has executed, by file: V8's blocks, laid over each other. */
import { type Profiler, Session } from 'node:inspector'
import { basename } from 'node:path'

export class SourceCoverage implements Disposable {
  readonly #session = new Session()

  constructor() {
    this.#session.connect()
    this.#session.post('Profiler.enable')
    this.#session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true })
  }

  /** `server-session.ts 98 %`, of the files whose address ends as one of `files`. */
  report(files: readonly string[]): readonly string[] {
    let lines: readonly string[] = []
    this.#session.post('Profiler.takePreciseCoverage', (error, { result }) => {
      if (error !== null) throw error
      lines = result
        .filter(({ url }) => files.some((file) => url.endsWith(file)))
        .map((script) => `${basename(script.url)} ${Math.floor(100 * shareOf(script))} %`)
    })
    return lines.toSorted()
  }

  [Symbol.dispose](): void {
    this.#session.post('Profiler.stopPreciseCoverage')
    this.#session.disconnect()
  }
}

/** Of the octets in functions, those whose innermost block ran. */
function shareOf({ functions }: Profiler.ScriptCoverage): number {
  const ranges = functions
    .filter(({ functionName, ranges: [whole] }) => functionName !== '' || whole?.startOffset !== 0)
    .flatMap((found) => found.ranges)
    // Outer ones first, so that inner ones have the last word.
    .toSorted(
      (one, other) => other.endOffset - other.startOffset - (one.endOffset - one.startOffset),
    )
  const end = Math.max(0, ...ranges.map(({ endOffset }) => endOffset))
  const octets = new Uint8Array(end)
  for (const { startOffset, endOffset, count } of ranges)
    octets.fill(count > 0 ? 2 : 1, startOffset, endOffset)
  const inFunctions = octets.filter((octet) => octet > 0).length
  return inFunctions === 0 ? 0 : octets.filter((octet) => octet === 2).length / inFunctions
}
