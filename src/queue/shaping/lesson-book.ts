// SPDX-License-Identifier: Apache-2.0
/**
 * All that replies have taught, by whom it is about. What changed is told by version: who asks with the last that it knows gets what has
 * changed since. Bounded: where it is full, what changed longest ago is forgotten.
 */
import type { Instant } from '../../base/brand.ts'
import { shapingLimits } from '../../base/limits/shaping-limits.ts'
import { FlowIndex } from './flow-index.ts'
import { type Aspect, aspects, type KeptLesson, Lesson } from './lesson.ts'
import {
  flowOf,
  keyOf,
  type Learned,
  type LearnedValue,
  type Signal,
  type Taught,
  type Whom,
} from './lessons.ts'

/** As it is kept over a restart. */
export interface KeptEntry {
  readonly whom: Whom
  readonly lessons: readonly (KeptLesson & { readonly words: string })[]
}

/** Of one key; `learned` is `null` where the rules alone decide again. */
export interface LearnedEntry {
  readonly key: string
  readonly learned: Learned | null
}

interface Entry {
  readonly whom: Whom
  readonly lessons: Map<Aspect, { readonly lesson: Lesson; readonly words: string }>
  version: number
}

export class LessonBook {
  /** In the order of their last change. */
  readonly #entries = new Map<string, Entry>()
  /** Of one before it, something may have been forgotten since. */
  #oldestKnown: number
  #version: number
  readonly flows = new FlowIndex()
  /** Keys of tenants and campaigns, in the order of their last change: labels are the submitter's choice, and there is no end to them. */
  readonly #flowKeys = new Set<string>()
  /** Keys that are kept differently than they are. */
  readonly #unsaved = new Set<string>()

  /** `first`: above every version that a book before it had, as the wall clock is. */
  constructor(first: number, kept: readonly KeptEntry[] = []) {
    this.#oldestKnown = first
    this.#version = first
    for (const { whom, lessons } of kept) {
      const key = keyOf(whom)
      const entry: Entry = {
        whom,
        lessons: new Map(
          lessons.map(({ words, ...rest }) => [
            rest.aspect,
            { lesson: Lesson.restore(rest), words },
          ]),
        ),
        version: first,
      }
      this.#entries.set(key, entry)
      this.#index(key, learnedOf(entry))
    }
  }

  get version(): number {
    return this.#version
  }

  get size(): number {
    return this.#entries.size
  }

  of(key: string): Learned | null {
    const entry = this.#entries.get(key)
    return entry === undefined ? null : learnedOf(entry)
  }

  hear(signal: Signal, now: Instant): readonly Taught[] {
    const key = keyOf(signal.whom)
    const taught =
      signal.kind === 'complaint'
        ? this.#complain(key, signal, now)
        : this.#succeed(key, signal, now)
    const entry = this.#entries.get(key)
    if (entry === undefined) return taught
    // Also what only counted is to be kept.
    this.#unsaved.add(key)
    if (taught.length > 0) {
      entry.version = ++this.#version
      this.#entries.delete(key)
      this.#entries.set(key, entry)
      this.#index(key, learnedOf(entry))
      this.#forgetOldest()
    }
    return taught
  }

  /** Whether `version` is one of this book's, so that what has changed since is enough. */
  knows(version: number): boolean {
    return version >= this.#oldestKnown && version <= this.#version
  }

  /** What has changed since `version`; all of it, where that is none of this book's. */
  changedSince(version: number): readonly LearnedEntry[] {
    if (version === this.#version) return []
    const isKnown = this.knows(version)
    const changed: LearnedEntry[] = []
    for (const [key, entry] of this.#entries)
      if (!isKnown || entry.version > version) changed.push({ key, learned: learnedOf(entry) })
    return changed
  }

  /** What is to be written, and which keys are to be forgotten, since this was last asked. */
  takeUnsaved(): { readonly kept: readonly KeptEntry[]; readonly gone: readonly string[] } {
    const kept: KeptEntry[] = []
    const gone: string[] = []
    for (const key of this.#unsaved) {
      const entry = this.#entries.get(key)
      const lessons = entry === undefined ? [] : keptOf(entry)
      if (entry === undefined || lessons.length === 0) gone.push(key)
      else kept.push({ whom: entry.whom, lessons })
    }
    this.#unsaved.clear()
    return { kept, gone }
  }

  /** They could not be written. */
  putBack(keys: readonly string[]): void {
    for (const key of keys) this.#unsaved.add(key)
  }

  #complain(
    key: string,
    { age, aspect, heard, whom, words }: Extract<Signal, { readonly kind: 'complaint' }>,
    now: Instant,
  ): readonly Taught[] {
    const entry = this.#entries.get(key) ?? { whom, lessons: new Map(), version: 0 }
    const lesson = entry.lessons.get(aspect)?.lesson ?? new Lesson(aspect)
    const { state } = lesson
    // It was sent before the last complaint was heard, by another path or worker.
    if (age !== undefined && state.kind === 'lowered' && state.changedAt >= now - age) return []
    const change = lesson.complain(now, heard)
    entry.lessons.set(aspect, { lesson, words })
    this.#entries.set(key, entry)
    return change === null ? [] : [{ whom, aspect, ...change, limit: heard.limit, words }]
  }

  #succeed(
    key: string,
    { count, limits, whom }: Extract<Signal, { readonly kind: 'success' }>,
    now: Instant,
  ): readonly Taught[] {
    const lessons = this.#entries.get(key)?.lessons
    if (lessons === undefined) return []
    return [...lessons].flatMap(([aspect, { lesson, words }]) => {
      const limit = limits[aspect] ?? null
      const change = lesson.succeed(now, count, limit)
      return change === null ? [] : [{ whom, aspect, ...change, limit, words }]
    })
  }

  #index(key: string, learned: Learned | null): void {
    if (flowOf(key) === null) return
    this.flows.set(key, learned)
    this.#flowKeys.delete(key)
    this.#flowKeys.add(key)
  }

  /** Those of which nothing binds go first, then the oldest. Tenants and campaigns never put out a path. */
  #forgetOldest(): void {
    for (const key of this.#flowKeys) {
      if (this.#flowKeys.size <= shapingLimits.flowLessons) break
      this.#forget(key)
    }
    for (const [key, entry] of this.#entries) {
      if (this.#entries.size <= shapingLimits.lessons) return
      if (learnedOf(entry) === null) this.#forget(key)
    }
    for (const key of this.#entries.keys()) {
      if (this.#entries.size <= shapingLimits.lessons) return
      this.#forget(key)
    }
  }

  #forget(key: string): void {
    this.#entries.delete(key)
    this.#flowKeys.delete(key)
    this.flows.set(key, null)
    this.#oldestKnown = this.#version
    this.#unsaved.add(key)
  }
}

function learnedOf({ lessons }: Entry): Learned | null {
  const learned: { [A in Aspect]?: LearnedValue } = {}
  let isFree = true
  for (const aspect of aspects) {
    const known = lessons.get(aspect)
    const value = known?.lesson.value ?? null
    if (known === undefined || value === null) continue
    learned[aspect] = { value, words: known.words }
    isFree = false
  }
  return isFree ? null : learned
}

function keptOf({ lessons }: Entry): KeptEntry['lessons'] {
  return [...lessons.values()].flatMap(({ lesson, words }) => {
    const kept = lesson.kept()
    return kept === null ? [] : [{ ...kept, words }]
  })
}
