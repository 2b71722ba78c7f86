// SPDX-License-Identifier: Apache-2.0
/**
 * What a power cut leaves of a disk: everything that a sync promised, and of the rest whatever chance leaves. Data that was
 * not synced is there, missing, or there in part, sector by sector and in any order; a file may have grown without it.
 * Names that no sync of their folder promised are there or not, each for itself.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { SeededRandom } from '../../src/base/random.ts'
import type { TracedChange } from './disk-trace.ts'

/** How much is left of what was not synced. */
export type Mercy = 'all' | 'none' | 'some'

type DataChange = Extract<TracedChange, { kind: 'write' | 'truncate' }>
type NameChange = Extract<TracedChange, { kind: 'make' | 'unlink' | 'rename' }>

const SECTOR = 512
const GROWN_FRACTION = 0.3

/** Changes of a file, or of the names in a folder, and which of them are promised. */
class Changes<T> {
  readonly all: { readonly change: T; readonly at: number }[] = []
  /** Changes before this one are promised. */
  #promised = 0
  readonly #begun = new Map<number, number>()

  sync(descriptor: number, at: number): void {
    this.#begun.set(descriptor, at)
  }

  synced(descriptor: number): void {
    this.#promised = Math.max(this.#promised, this.#begun.get(descriptor) ?? 0)
  }

  isPromised(at: number): boolean {
    return at < this.#promised
  }
}

type TracedFile = Changes<DataChange>

export class TracedDisk {
  readonly #files = new Map<string, TracedFile>()
  readonly #folders = new Map<string, Changes<NameChange & { readonly file: TracedFile }>>()
  #count = 0

  /** The next change was done. */
  apply(change: TracedChange): void {
    const at = this.#count++
    const file = this.#files.get(change.path) ?? new Changes<DataChange>()
    switch (change.kind) {
      case 'make':
        this.#files.set(change.path, file)
        this.#named(change, file, at)
        break
      case 'unlink':
        this.#files.delete(change.path)
        this.#named(change, file, at)
        break
      case 'rename':
        this.#files.delete(change.path)
        this.#files.set(change.to, file)
        this.#named(change, file, at)
        break
      case 'write':
      case 'truncate':
        file.all.push({ change, at })
        break
      case 'sync':
        this.#synced(change.path).sync(change.descriptor, at)
        break
      case 'synced':
        this.#synced(change.path).synced(change.descriptor)
    }
  }

  /** Makes in `folder` what is left when the power goes now. */
  cut(folder: string, mercy: Mercy, random: SeededRandom): void {
    const names = [...this.#folders.values()]
      .flatMap((changes) => changes.all.map((one) => ({ ...one, changes })))
      .sort((one, other) => one.at - other.at)
    const there = new Map<string, TracedFile>()
    for (const { change, at, changes } of names) {
      if (!changes.isPromised(at) && !isSpared(mercy, random)) continue
      if (change.kind === 'make') there.set(change.path, change.file)
      else there.delete(change.path)
      if (change.kind === 'rename') there.set(change.to, change.file)
    }
    for (const [path, file] of there) {
      mkdirSync(dirname(join(folder, path)), { recursive: true })
      writeFileSync(join(folder, path), contentOf(file, mercy, random))
    }
  }

  #named(change: NameChange, file: TracedFile, at: number): void {
    this.#namesIn(folderOf(change.path)).all.push({ change: { ...change, file }, at })
  }

  #namesIn(folder: string): Changes<NameChange & { readonly file: TracedFile }> {
    const names = this.#folders.get(folder) ?? new Changes()
    this.#folders.set(folder, names)
    return names
  }

  #synced(path: string): Changes<unknown> {
    return this.#files.get(path) ?? this.#namesIn(path)
  }
}

function contentOf(file: TracedFile, mercy: Mercy, random: SeededRandom): Buffer {
  let content: Buffer = Buffer.alloc(0)
  for (const { change, at } of file.all) {
    const promised = file.isPromised(at)
    if (change.kind === 'truncate') {
      if (promised || isSpared(mercy, random)) content = resized(content, change.size)
      continue
    }
    const end = change.at + change.octets.length
    const isGrown = mercy === 'some' && random.fraction() < GROWN_FRACTION
    if (isGrown) content = resized(content, Math.max(content.length, end))
    // A write is whole, or torn.
    const isTorn = mercy === 'some' && random.fraction() < 0.5
    const isWhole = promised || (!isTorn && isSpared(mercy, random))
    for (let from = change.at; from < end; ) {
      const to = Math.min(end, from - (from % SECTOR) + SECTOR)
      if (isWhole || (isTorn && isSpared(mercy, random))) {
        content = resized(content, Math.max(content.length, to))
        content.set(change.octets.subarray(from - change.at, to - change.at), from)
      }
      from = to
    }
  }
  return content
}

function isSpared(mercy: Mercy, random: SeededRandom): boolean {
  return mercy === 'some' ? random.fraction() < 0.5 : mercy === 'all'
}

function resized(content: Buffer, size: number): Buffer {
  return size <= content.length ? content.subarray(0, size) : Buffer.concat([content], size)
}

function folderOf(path: string): string {
  const folder = dirname(path)
  return folder === '.' ? '' : folder
}
