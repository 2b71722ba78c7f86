// SPDX-License-Identifier: Apache-2.0
/**
 * How the memory that the configuration allows a process that carries mail (`max_memory`) is shared out. What is not shared
 * out is for the program itself, and for what the allocator keeps between the pieces. V8's own shares can be given at the
 * start of a process only:
 *
 * - Young objects, usually 64 MiB: a message's buffers and strings live some milliseconds; in the default room of 16 MiB many
 *   of them are still alive when it is cleaned, and are copied. 7 % less CPU a message at 4 KiB, 9 % at 50 KiB.
 * - Old ones, usually 256 MiB before the first full collection: by default one ran every 0.4 s under load, to find that
 *   nearly all of 31 MiB was still wanted. 10 to 15 % less CPU, and half the time to the 250 at the 99th percentile
 *   (docs/performance.md). A room, not a reserve: what is not used is not taken.
 * - Old ones at most.
 */
import { queueLimits } from '../base/limits/limits.ts'
import { memoryLimits } from '../base/limits/process-limits.ts'
import { spoolLimits } from '../base/limits/spool-limits.ts'

const MIB = 1_024 * 1_024

export interface MemoryShares {
  /** Sessions of clients, and what they hand in until it is answered. */
  readonly incomingOctets: number
  /** Content on connections to receivers. */
  readonly outgoingOctets: number
  /** Content of fresh mail, for its first attempt. */
  readonly cacheOctets: number
  /** Recipients in all windows. */
  readonly windowTotal: number
}

export function memoryShares(maxMemory: number): MemoryShares {
  const share = (usually: number) => Math.floor(usually * scaleOf(maxMemory))
  return {
    incomingOctets: share(memoryLimits.incomingOctets),
    outgoingOctets: share(memoryLimits.outgoingOctets),
    cacheOctets: share(spoolLimits.cacheOctets),
    windowTotal: share(queueLimits.windowTotal),
  }
}

/** That are not young. */
export function mostObjectOctets(maxMemory: number): number {
  const { objectOctets, programObjectOctets } = memoryLimits
  return programObjectOctets + objectOctets * scaleOf(maxMemory)
}

/** More room for young objects, or before a collection, than usual brings nothing. */
export function memoryFlags(maxMemory: number): readonly string[] {
  const { firstObjectOctets, youngOctets } = memoryLimits
  const few = Math.min(1, scaleOf(maxMemory))
  return [
    flag('--max-semi-space-size', youngOctets * few),
    flag('--initial-old-space-size', firstObjectOctets * few),
    flag('--max-old-space-size', mostObjectOctets(maxMemory)),
  ]
}

function flag(name: string, octets: number): string {
  return `${name}=${Math.floor(octets / MIB)}`
}

/** 1 for the usual memory. */
function scaleOf(maxMemory: number): number {
  const { processOctets, programOctets } = memoryLimits
  return (maxMemory - programOctets) / (processOctets - programOctets)
}

/** Starts this very process anew with the flags that are missing, where the system can (execve keeps the process id). */
export function ensureMemoryFlags(maxMemory: number): void {
  const missing = memoryFlags(maxMemory).filter((flag) => !isGiven(nameOf(flag)))
  if (missing.length === 0 || typeof process.execve !== 'function') return
  const args = [process.execPath, ...missing, ...process.execArgv, ...process.argv.slice(1)]
  process.execve(process.execPath, args, process.env)
}

function isGiven(name: string): boolean {
  return process.execArgv.some((flag) => nameOf(flag) === name)
}

function nameOf(flag: string): string {
  return flag.split('=', 1)[0] ?? flag
}
