// SPDX-License-Identifier: Apache-2.0
/**
 * Looks through a journal that nobody has open, and changes nothing: segments, records, content, index, and what
 * crashes left over. The caller owns the folder (`own`).
 */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { messageOf } from '../../base/errors.ts'
import type { JournalId } from '../../events/ids.ts'
import { CORRUPT_FOLDER } from './corrupt.ts'
import { readEffect } from './event-record.ts'
import { systemFiles } from './journal-files.ts'
import type { KeepFailed } from './keep-failed.ts'
import { readFacts } from './mail-record.ts'
import type { ScannedRecord } from './record-scan.ts'
import { type Family, segmentName } from './segment.ts'
import { differences } from './verify-compare.ts'
import { type ContentFacts, verifyContent } from './verify-content.ts'
import { Findings, type Problem } from './verify-findings.ts'
import { expectedIndex, foundIndex, type ReplayedIndex } from './verify-replay.ts'
import {
  type DamagedPlace,
  type FoundSegment,
  findSegments,
  saltIn,
  walkFamily,
} from './verify-segments.ts'

export interface JournalSource {
  readonly folder: string
  readonly journal: JournalId
  readonly keepFailed: KeepFailed
}

export interface JournalFacts {
  readonly journal: JournalId
  readonly segments: Readonly<Record<Family, number>>
  readonly records: Readonly<Record<Family, number>>
  readonly messages: number
  /** Recipients that are not final. */
  readonly waiting: number
  readonly content: ContentFacts
  /** The last LSN. */
  readonly end: number
  readonly index: {
    readonly state: 'sound' | 'missing' | 'damaged'
    /** Where reading goes on at the next start; `null` where the index does not say. */
    readonly position: number | null
  }
  /** What a crash left, and the next start puts in order. */
  readonly leftovers: readonly string[]
  /** Damages that were set aside in `corrupt/` before. */
  readonly setAside: number
  readonly problems: readonly Problem[]
  /** Also those that `problems` has no room for. */
  readonly problemCount: number
}

/** Throws `RLY_DATA_DIR_NEWER`. */
export async function verifyJournal(source: JournalSource): Promise<JournalFacts> {
  const scratch = mkdtempSync(join(tmpdir(), 'posthaste-verify-'))
  try {
    const look = new Look(source, scratch, await findSegments(systemFiles, source.folder))
    try {
      return await look.facts()
    } finally {
      look.close()
    }
  } finally {
    rmSync(scratch, { recursive: true })
  }
}

class Look {
  readonly #source: JournalSource
  readonly #segments: readonly FoundSegment[]
  readonly #expected: ReplayedIndex
  readonly #found: ReplayedIndex | string | null
  readonly #findings = new Findings()
  readonly #leftovers: string[] = []
  readonly #records = { mail: 0, event: 0 }
  readonly #last = { mail: 0, event: 0 }
  /** Why the index could not follow the records. */
  #unusable: string | null = null

  constructor(source: JournalSource, scratch: string, segments: readonly FoundSegment[]) {
    this.#source = source
    this.#segments = segments
    this.#expected = expectedIndex({ ...source, scratch })
    this.#found = foundIndex({ ...source, scratch })
  }

  async facts(): Promise<JournalFacts> {
    const { journal, folder } = this.#source
    this.#checkHeaders()
    await this.#walk()
    const index = this.#checkIndex()
    const content = await verifyContent(
      systemFiles,
      folder,
      this.#expected.database,
      (name, what) => this.#add('content', `content/${name}`, what),
    )
    if (content.drafts > 0) this.#leftovers.push(`${content.drafts} drafts in content/`)
    if (content.orphans > 0)
      this.#leftovers.push(`${content.orphans} files in content/ that no record names`)
    const setAside = await systemFiles.list(join(folder, CORRUPT_FOLDER))
    return {
      journal,
      segments: { mail: this.#count('mail'), event: this.#count('event') },
      records: this.#records,
      messages: this.#ask('select count(distinct mail) as n from place'),
      waiting: this.#ask('select count(*) as n from recipient'),
      content,
      end: this.#end,
      index,
      leftovers: this.#leftovers,
      setAside: setAside.filter((name) => name.endsWith('.txt')).length,
      problems: this.#findings.named,
      problemCount: this.#findings.count,
    }
  }

  close(): void {
    if (this.#expected.database.isOpen) this.#expected.database.close()
    if (this.#index?.database.isOpen) this.#index.database.close()
  }

  get #index(): ReplayedIndex | null {
    return typeof this.#found === 'object' ? this.#found : null
  }

  get #end(): number {
    return Math.max(this.#last.mail, this.#last.event, ...this.#segments.map(({ first }) => first))
  }

  #checkHeaders(): void {
    const { journal } = this.#source
    for (const { name, header, family, first, size, end } of this.#segments) {
      if (end !== null && size < end)
        this.#add('segment', name, `its last ${end - size} octets are missing`, size)
      if (header === null) this.#add('segment', name, 'both copies of the header are damaged', 0)
      else if (header.journal !== journal)
        this.#add('segment', name, `it belongs to journal ${header.journal}`, 0)
      else if (header.family !== family || header.firstLsn !== first)
        this.#add(
          'segment',
          name,
          `its header is that of ${segmentName(header.family, header.firstLsn)}`,
          0,
        )
    }
  }

  async #walk(): Promise<void> {
    const salt = saltIn(this.#segments)
    if (salt === null) return
    const walk = {
      files: systemFiles,
      folder: this.#source.folder,
      segments: this.#segments,
      salt,
      // Without an index everything counts as synced: rather too much is said than too little.
      position: this.#index?.position ?? Number.POSITIVE_INFINITY,
      onRecords: (family: Family, segment: FoundSegment, records: readonly ScannedRecord[]) =>
        this.#read(family, segment, records),
      onDamage: async (place: DamagedPlace) =>
        this.#add('record', place.name, damageText(place), place.from),
      onTorn: ({ name }: FoundSegment, octets: number) => {
        this.#leftovers.push(`a write of ${octets} octets at the end of ${name} that did not end`)
      },
    }
    await walkFamily(walk, 'mail')
    await walkFamily(walk, 'event')
  }

  #read(family: Family, segment: FoundSegment, records: readonly ScannedRecord[]): void {
    this.#records[family] += records.length
    for (const record of records) {
      const { lsn, offset, kind } = record
      if (lsn <= this.#last[family] || lsn < segment.first)
        this.#add('record', segment.name, `record ${lsn} comes after ${this.#last[family]}`, offset)
      this.#last[family] = Math.max(this.#last[family], lsn)
      if ((kind === 'mail' || kind === 'moved') && readFacts(record.payload) === null)
        this.#add('record', segment.name, `mail record ${lsn} has no facts`, offset)
      if (kind === 'received') this.#checkReceived(segment, record)
    }
    this.#expected.apply(family, segment.first, records)
    if (this.#index === null || this.#unusable !== null) return
    try {
      this.#index.apply(family, segment.first, records)
    } catch (thrown) {
      this.#unusable = messageOf(thrown)
    }
  }

  /** An event that was synced, of mail that was synced with it. */
  #checkReceived(segment: FoundSegment, { lsn, offset, payload }: ScannedRecord): void {
    const { mailLsn } = readEffect(payload)
    if (mailLsn <= this.#last.mail || lsn > (this.#index?.position ?? 0)) return
    this.#add(
      'record',
      segment.name,
      `mail record ${mailLsn}, which was received, is missing`,
      offset,
    )
  }

  #checkIndex(): JournalFacts['index'] {
    const index = this.#index
    const position = index?.position ?? null
    if (this.#found === null) {
      if (this.#segments.length > 0) this.#leftovers.push('no index: the next start makes it')
      return { state: 'missing', position }
    }
    const before = this.#findings.count
    if (index === null) this.#addIndex(`it cannot be used: ${this.#found}`)
    else {
      if (index.position > this.#end)
        this.#addIndex(`it is at ${position}, and the journal ends at ${this.#end}`)
      if (index.position < this.#end)
        this.#leftovers.push(`${this.#end - index.position} records that the index has not read`)
      this.#compare(index)
    }
    return { state: this.#findings.count > before ? 'damaged' : 'sound', position }
  }

  #compare(index: ReplayedIndex): void {
    try {
      if (this.#unusable !== null) this.#addIndex(`it cannot be used: ${this.#unusable}`)
      else
        for (const difference of differences(this.#expected.database, index))
          this.#addIndex(difference)
    } catch (thrown) {
      // A database that is whole and still not the one that we write.
      this.#addIndex(`it cannot be used: ${messageOf(thrown)}`)
    }
  }

  #addIndex(what: string): void {
    this.#add('index', 'index.sqlite', what)
  }

  #add(kind: Problem['kind'], name: string, what: string, offset: number | null = null): void {
    this.#findings.add(kind, join(basename(this.#source.folder), name), what, offset)
  }

  #count(family: Family): number {
    return this.#segments.filter((segment) => segment.family === family).length
  }

  #ask(question: string): number {
    return Number(this.#expected.database.prepare(question).get()?.['n'])
  }
}

function damageText({ from, to, why, header }: DamagedPlace): string {
  const what =
    header === null ? 'of no known record' : `of ${header.kind ?? 'unknown'} record ${header.lsn}`
  return `${to - from} octets ${what} are damaged: ${why}`
}
