// SPDX-License-Identifier: Apache-2.0
/**
 * Whether the disk takes mail. Free space is looked at once a second, never on the way of a message.
 *
 *   ok ⇄ full      below the low-water mark, or a write found no room; back when there is room again
 *   ok, full ──▶ failed      a write or a sync failed: final, for only a restart finds out what the disk has
 *
 * A preallocated reserve is given back to a full disk, so that outcomes can be written: delivery is what frees space.
 */
import { join } from 'node:path'
import { ms } from '../../base/brand.ts'
import type { Clock, Timer } from '../../base/clock.ts'
import { messageOf, RelayError, systemCode } from '../../base/errors.ts'
import type { Log } from '../../base/log.ts'
import { formatSize } from '../../base/quantity.ts'
import type { SpoolHealth } from '../../spool/spool.ts'
import type { JournalFiles } from './journal-files.ts'
import { writeAll } from './lane.ts'

export interface SpaceOptions {
  readonly folder: string
  readonly files: JournalFiles
  readonly clock: Clock
  readonly log: Log
  readonly lowWaterOctets: number
  readonly reserveOctets: number
}

const LOOK_EVERY = ms(1_000)
const RESERVE_NAME = 'reserve'
const ZEROS = Buffer.alloc(1_024 * 1_024)
const PUBLIC_FULL = 'Insufficient system storage'
const PUBLIC_FAILED = 'Local error in storage'

export class Space {
  readonly #options: SpaceOptions
  #health: SpoolHealth = { kind: 'ok' }
  #failure: RelayError | null = null
  #hasReserve = false
  #timer: Timer | null = null
  #isClosed = false

  constructor(options: SpaceOptions) {
    this.#options = options
  }

  get health(): SpoolHealth {
    return this.#health
  }

  /** The failure that ended writing, or `null`. */
  get failure(): RelayError | null {
    return this.#failure
  }

  /** Why nothing new is taken, as an error, or `null`. */
  get refusal(): RelayError | null {
    if (this.#failure) return this.#failure
    return this.#health.kind === 'ok' ? null : full(this.#health.why)
  }

  async start(): Promise<void> {
    const { files, folder } = this.#options
    this.#hasReserve = (await files.list(folder)).includes(RESERVE_NAME)
    await this.look()
    this.#arm()
  }

  /** Nothing is written any more. */
  close(): void {
    this.#isClosed = true
    this.#timer?.cancel()
    this.#failure ??= new RelayError('RLY_SPOOL_FAILED', 'the spool is closed')
  }

  /** Measures free space and decides anew. */
  async look(): Promise<void> {
    if (this.#failure || this.#isClosed) return
    const free = await this.#options.files.freeOctets(this.#options.folder)
    const { lowWaterOctets, log } = this.#options
    if (free < lowWaterOctets) {
      this.#shed(`${formatSize(free)} free, ${formatSize(lowWaterOctets)} wanted`)
      return
    }
    if (!this.#hasReserve && !(await this.#makeReserve())) return
    if (this.#health.kind === 'ok' || this.#failure) return
    this.#health = { kind: 'ok' }
    log.info({ free }, 'the disk of the spool has room again')
  }

  /** A write found no room: nothing new is taken until there is some. */
  noRoom(): void {
    this.#shed('a write found no space left')
  }

  /** Gives the reserve back to the disk. Returns whether there was one. */
  async releaseReserve(): Promise<boolean> {
    if (!this.#hasReserve) return false
    this.#hasReserve = false
    await this.#options.files.unlink(join(this.#options.folder, RESERVE_NAME))
    return true
  }

  /** Final. Returns the error that everybody gets from now on. */
  fail(thrown: unknown): RelayError {
    if (this.#failure) return this.#failure
    const why = messageOf(thrown)
    this.#failure = new RelayError('RLY_SPOOL_FAILED', `the spool failed: ${why}`, {
      cause: thrown,
      publicText: PUBLIC_FAILED,
    })
    this.#health = { kind: 'shedding', publicText: PUBLIC_FAILED, why }
    this.#options.log.error(
      { why },
      'the disk of the spool failed; nothing is accepted until a restart',
    )
    return this.#failure
  }

  #shed(why: string): void {
    if (this.#failure) return
    if (this.#health.kind === 'ok')
      this.#options.log.warn({ why }, 'the disk of the spool is nearly full; mail is refused')
    this.#health = { kind: 'shedding', publicText: PUBLIC_FULL, why }
  }

  /** Written, not only sized: a hole reserves nothing. */
  async #makeReserve(): Promise<boolean> {
    const { files, folder, reserveOctets } = this.#options
    const path = join(folder, RESERVE_NAME)
    try {
      await files.unlink(path)
      const file = await files.open(path, 'new')
      for (let at = 0; at < reserveOctets; at += ZEROS.length)
        await writeAll(file, ZEROS.subarray(0, Math.min(ZEROS.length, reserveOctets - at)), at)
      await file.datasync()
      await file.close()
    } catch (thrown) {
      // A quota may bind where the file system has room.
      this.#shed(messageOf(thrown))
      return false
    }
    this.#hasReserve = true
    return true
  }

  #arm(): void {
    if (this.#isClosed) return
    this.#timer = this.#options.clock.after(LOOK_EVERY, () => {
      this.look()
        .catch((thrown: unknown) => this.#shed(messageOf(thrown)))
        .finally(() => this.#arm())
    })
  }
}

/** The error for who brings mail to a full disk. */
export function full(why: string): RelayError {
  return new RelayError('RLY_SPOOL_FULL', `the disk of the spool is full: ${why}`, {
    publicText: PUBLIC_FULL,
  })
}

/** Whether a system error says that there is no room, in the file system or in a quota. */
export function isNoRoom(thrown: unknown): boolean {
  const code = systemCode(thrown)
  return code === 'ENOSPC' || code === 'EDQUOT'
}
