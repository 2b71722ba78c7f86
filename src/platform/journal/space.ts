// SPDX-License-Identifier: Apache-2.0
/**
 * Whether the disk takes mail. Room is looked at once a second, never on the way of a message.
 *
 *   ok ⇄ full         too little room, or a write found none
 *   ok, full ⇄ failing      a write or a sync failed, or does not end
 *
 * Both are left in one way: there is room, what is broken could be mended, and a trial is written and synced. A disk that
 * fails again soon is tried less often. A preallocated reserve is given back to a full disk, so that outcomes can be
 * written: delivery is what frees space.
 */
import { join } from 'node:path'
import { type DurationMs, ms } from '../../base/brand.ts'
import type { Clock, Timer } from '../../base/clock.ts'
import { messageOf, RelayError } from '../../base/errors.ts'
import type { Log } from '../../base/log.ts'
import { formatSize } from '../../base/quantity.ts'
import type { SpoolHealth } from '../../spool/spool.ts'
import { synced, writeAll } from './file-writes.ts'
import type { JournalFiles } from './journal-files.ts'
import type { SyncPace } from './sync-pace.ts'

export interface SpaceOptions {
  readonly folder: string
  readonly files: JournalFiles
  readonly clock: Clock
  readonly log: Log
  readonly pace: SyncPace
  readonly lowWaterOctets: number
  readonly lowWaterNames: number
  readonly reserveOctets: number
}

/** Why nothing new is taken. */
interface Trouble {
  readonly kind: 'full' | 'failing'
  readonly health: SpoolHealth
  readonly refusal: RelayError
}

const LOOK_EVERY = ms(1_000)
/** A disk that failed is tried again after this; twice as long, up to the longest, where it fails again so soon. */
const TRIAL_PAUSE = { first: ms(1_000), longest: ms(30_000) }
const RESERVE_NAME = 'reserve'
const TRIAL_NAME = 'trial'
const TRIAL_OCTETS = 64 * 1_024
const ZEROS = Buffer.alloc(1_024 * 1_024)
const PUBLIC_FULL = 'Insufficient system storage'
const PUBLIC_FAILED = 'Local error in storage'
const OK: SpoolHealth = { kind: 'ok' }

export class Space {
  /** Makes whole what a failure broke; rejects where it cannot be yet. */
  mend: () => Promise<void> = async () => {}
  readonly #options: SpaceOptions
  #trouble: Trouble | null = null
  #closed: RelayError | null = null
  #hasReserve = false
  #timer: Timer | null = null
  #trialPause: DurationMs = TRIAL_PAUSE.first
  #nextTrial: DurationMs = ms(0)

  constructor(options: SpaceOptions) {
    this.#options = options
  }

  get health(): SpoolHealth {
    if (this.#trouble) return this.#trouble.health
    const { complaint } = this.#options.pace
    return complaint === null ? OK : { kind: 'slow', why: complaint }
  }

  /** After the end: nothing is written any more. */
  get closed(): RelayError | null {
    return this.#closed
  }

  get isFailing(): boolean {
    return this.#trouble?.kind === 'failing'
  }

  /** Why nothing new is taken, as an error, or `null`. */
  get refusal(): RelayError | null {
    return this.#closed ?? this.#trouble?.refusal ?? null
  }

  async start(): Promise<void> {
    const { files, folder } = this.#options
    this.#hasReserve = (await files.list(folder)).includes(RESERVE_NAME)
    await this.look()
    this.#arm()
  }

  /** Nothing is written any more. */
  close(): void {
    this.#closed = new RelayError('RLY_SPOOL_FAILED', 'the spool is closed')
    this.#timer?.cancel()
  }

  /** Measures and decides anew. */
  async look(): Promise<void> {
    if (this.#closed) return
    const { stall } = this.#options.pace
    if (stall !== null) return void this.fail(new Error(stall))
    const shortage = await this.#shortage()
    if (shortage !== null) this.#fill(shortage)
    else if (this.#trouble || !this.#hasReserve) await this.#recover()
  }

  /** A write found no room: nothing new is taken until there is some. */
  noRoom(): void {
    this.#fill('a write found no space left')
  }

  /** Gives the reserve back to the disk. Returns whether there was one. */
  async releaseReserve(): Promise<boolean> {
    if (!this.#hasReserve) return false
    this.#hasReserve = false
    await this.#options.files.unlink(join(this.#options.folder, RESERVE_NAME))
    return true
  }

  /** A write or a sync failed. Returns the error for everybody who brings mail. */
  fail(thrown: unknown): RelayError {
    if (this.#closed) return this.#closed
    if (this.#trouble?.kind === 'failing') return this.#trouble.refusal
    const why = messageOf(thrown)
    const refusal = new RelayError('RLY_SPOOL_FAILED', `the disk of the spool fails: ${why}`, {
      cause: thrown,
      publicText: PUBLIC_FAILED,
    })
    this.#trouble = { kind: 'failing', health: shedding(PUBLIC_FAILED, why), refusal }
    this.#postponeTrial()
    const text = 'the disk of the spool fails; mail is refused until it works again'
    this.#options.log.error({ why }, text)
    return refusal
  }

  /** Twice as long after each failure that follows soon on a recovery. */
  #postponeTrial(): void {
    const now = this.#options.clock.monotonic()
    const { first, longest } = TRIAL_PAUSE
    const isSoon = this.#nextTrial > 0 && now - this.#nextTrial < longest
    this.#trialPause = isSoon ? ms(Math.min(this.#trialPause * 2, longest)) : first
    this.#nextTrial = ms(now + this.#trialPause)
  }

  #fill(why: string): void {
    if (this.isFailing) return
    if (this.#trouble === null)
      this.#options.log.warn({ why }, 'the disk of the spool is nearly full; mail is refused')
    this.#trouble = { kind: 'full', health: shedding(PUBLIC_FULL, why), refusal: full(why) }
  }

  /** `null` where there is room. */
  async #shortage(): Promise<string | null> {
    const { files, folder, lowWaterOctets, lowWaterNames } = this.#options
    const { octets, names } = await files.room(folder)
    if (octets < lowWaterOctets)
      return `${formatSize(octets)} free, ${formatSize(lowWaterOctets)} wanted`
    return names < lowWaterNames ? `room for ${names} more files, ${lowWaterNames} wanted` : null
  }

  async #recover(): Promise<void> {
    const { clock, log } = this.#options
    const before = this.#trouble
    if (before?.kind === 'failing' && clock.monotonic() < this.#nextTrial) return
    try {
      if (before) await this.#tryOut()
      if (!this.#hasReserve) await this.#makeReserve()
    } catch (thrown) {
      // A quota may bind where the file system has room; a disk that fails still does.
      if (before?.kind !== 'failing') this.#fill(messageOf(thrown))
      return
    }
    // Something else may have failed meanwhile.
    if (before === null || this.#trouble !== before) return
    this.#trouble = null
    log.info({}, before.kind === 'full' ? 'the disk of the spool has room again' : WORKS_AGAIN)
  }

  async #tryOut(): Promise<void> {
    await this.mend()
    await this.#write(TRIAL_NAME, TRIAL_OCTETS)
    await this.#options.files.unlink(join(this.#options.folder, TRIAL_NAME))
  }

  async #makeReserve(): Promise<void> {
    await this.#write(RESERVE_NAME, this.#options.reserveOctets)
    this.#hasReserve = true
  }

  /** Written, not only sized: a hole reserves nothing. */
  async #write(name: string, octets: number): Promise<void> {
    const { files, folder } = this.#options
    const path = join(folder, name)
    await files.unlink(path)
    const file = await files.open(path, 'new')
    try {
      for (let at = 0; at < octets; at += ZEROS.length)
        await writeAll(file, ZEROS.subarray(0, Math.min(ZEROS.length, octets - at)), at)
      await synced(file)
    } finally {
      await file.close()
    }
  }

  #arm(): void {
    if (this.#closed) return
    this.#timer = this.#options.clock.after(LOOK_EVERY, () => {
      this.look()
        .catch((thrown: unknown) => this.fail(thrown))
        .finally(() => this.#arm())
    })
  }
}

const WORKS_AGAIN = 'the disk of the spool works again; mail is taken'

function shedding(publicText: string, why: string): SpoolHealth {
  return { kind: 'shedding', publicText, why }
}

/** The error for who brings mail to a full disk. */
export function full(why: string): RelayError {
  return new RelayError('RLY_SPOOL_FULL', `the disk of the spool is full: ${why}`, {
    publicText: PUBLIC_FULL,
  })
}
