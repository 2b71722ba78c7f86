// SPDX-License-Identifier: Apache-2.0
/**
 * Whether the objects that are alive come near the most that V8 may keep, over which the process ends. What is alive is known
 * when V8 has just looked at all of it; between two such looks its figures count what is dead too.
 */
import { constants, PerformanceObserver } from 'node:perf_hooks'
import { getHeapStatistics } from 'node:v8'
import { memoryLimits } from '../base/limits/process-limits.ts'
import { mostObjectOctets } from './process-memory.ts'

export class LiveObjects {
  readonly #most: number
  #areMany = false

  /** Of a process with this `max_memory`, until `end` aborts. */
  constructor(maxMemory: number, end: AbortSignal) {
    this.#most = mostObjectOctets(maxMemory)
    const observer = new PerformanceObserver((list) => {
      if (list.getEntries().some(isFullCollection)) this.#look()
    })
    observer.observe({ entryTypes: ['gc'] })
    end.addEventListener('abort', () => observer.disconnect(), { once: true })
  }

  /** Nothing more should be taken into memory that can wait on the disk. */
  get areMany(): boolean {
    return this.#areMany
  }

  #look(): void {
    const share = getHeapStatistics().used_heap_size / this.#most
    const { objectsFewBelow, objectsManyFrom } = memoryLimits
    this.#areMany = share >= (this.#areMany ? objectsFewBelow : objectsManyFrom)
  }
}

function isFullCollection(entry: object): boolean {
  const { detail } = entry as { readonly detail?: { readonly kind?: number } }
  return detail?.kind === constants.NODE_PERFORMANCE_GC_MAJOR
}
