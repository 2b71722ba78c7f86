// SPDX-License-Identifier: Apache-2.0
/**
 * Keeps the directory of records fresh: looks at the store's version once a second, so that what the command line
 * or another process writes takes effect without a restart.
 */
import { seconds } from '../base/brand.ts'
import type { Clock } from '../base/clock.ts'
import { messageOf } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import { type Directory, readDirectory } from '../records/directory.ts'
import type { Store } from '../records/store.ts'

const LOOK_EVERY = seconds(1)

export class DirectoryWatch {
  readonly #store: Store
  readonly #clock: Clock
  readonly #log: Log
  #version: number
  #directory: Directory
  /** Why the store cannot be read now. */
  #failure: string | null = null
  /** Called after each change. */
  onChange: () => void = () => {}

  static async open(store: Store, clock: Clock, log: Log): Promise<DirectoryWatch> {
    const version = await store.version()
    return new DirectoryWatch(store, clock, log, version, await readDirectory(store))
  }

  private constructor(store: Store, clock: Clock, log: Log, version: number, directory: Directory) {
    this.#store = store
    this.#clock = clock
    this.#log = log
    this.#version = version
    this.#directory = directory
  }

  get directory(): Directory {
    return this.#directory
  }

  async refresh(): Promise<void> {
    const version = await this.#store.version()
    if (version === this.#version) return
    this.#directory = await readDirectory(this.#store)
    this.#version = version
    this.onChange()
  }

  async follow(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#clock.sleep(LOOK_EVERY, signal)
      try {
        await this.refresh()
        this.#note(null)
      } catch (thrown) {
        // A store that cannot be read now: what is known still holds.
        this.#note(messageOf(thrown))
      }
    }
  }

  /** Says it once, and not every second. */
  #note(failure: string | null): void {
    if (failure === this.#failure) return
    this.#failure = failure
    if (failure === null) this.#log.info({}, 'the records can be read again')
    else
      this.#log.error(
        { error: failure },
        'the records cannot be read; the last ones known are used',
      )
  }
}
