// SPDX-License-Identifier: Apache-2.0
/** Which blocks of which files have run, by V8's precise coverage over the inspector of this very thread. */
import { type Profiler, Session } from 'node:inspector'

export class BlockCoverage implements Disposable {
  readonly #session = new Session()
  readonly #isWanted: (url: string) => boolean

  /** Of files whose address `isWanted`. */
  constructor(isWanted: (url: string) => boolean) {
    this.#isWanted = isWanted
    this.#session.connect()
    this.#session.post('Profiler.enable')
    this.#session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true })
  }

  /** Blocks that ran since the last time, by script and offsets. */
  take(): Set<string> {
    const ran = new Set<string>()
    for (const script of this.#scripts())
      for (const { ranges } of script.functions)
        for (const { startOffset, endOffset, count } of ranges)
          if (count > 0) ran.add(`${script.scriptId}:${startOffset}-${endOffset}`)
    return ran
  }

  /** How often blocks ran since the last time, in all: a measure of work that no clock and no other load changes. */
  counted(): number {
    let sum = 0
    for (const script of this.#scripts())
      for (const { ranges } of script.functions) for (const { count } of ranges) sum += count
    return sum
  }

  [Symbol.dispose](): void {
    this.#session.post('Profiler.stopPreciseCoverage')
    this.#session.disconnect()
  }

  /** The answer is there when `post` comes back: the session is with our own thread. */
  #scripts(): readonly Profiler.ScriptCoverage[] {
    let found: readonly Profiler.ScriptCoverage[] = []
    this.#session.post('Profiler.takePreciseCoverage', (error, { result }) => {
      if (error !== null) throw error
      found = result.filter(({ url }) => this.#isWanted(url))
    })
    return found
  }
}
