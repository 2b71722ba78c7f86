// SPDX-License-Identifier: Apache-2.0
/** CPU time and memory of a process and all its children, from /proc. Linux only. */
import { readdirSync, readFileSync } from 'node:fs'

/** Of one tick in /proc, on every Linux: USER_HZ is 100. */
const TICK_MS = 10

/** User and system time of all threads, milliseconds, with children that were waited for. */
export function cpuMsOf(pid: number): number {
  return treeOf(pid).reduce((sum, member) => sum + ownCpuMs(member), 0)
}

/** Sum of the peaks (VmHWM), octets. */
export function peakOctetsOf(pid: number): number {
  return treeOf(pid).reduce((sum, member) => sum + statusOctets(member, 'VmHWM'), 0)
}

/** Sum of what is resident now (VmRSS), octets. */
export function residentOctetsOf(pid: number): number {
  return treeOf(pid).reduce((sum, member) => sum + statusOctets(member, 'VmRSS'), 0)
}

function treeOf(pid: number): readonly number[] {
  return [pid, ...childrenOf(pid).flatMap(treeOf)]
}

function childrenOf(pid: number): readonly number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
      readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8')
        .split(' ')
        .filter((text) => text !== '')
        .map(Number),
    )
  } catch {
    // It, or one of its threads, has just ended.
    return []
  }
}

function ownCpuMs(pid: number): number {
  const text = readOrNothing(`/proc/${pid}/stat`)
  // utime, stime, cutime, cstime are the fields 14 to 17; the name in parentheses may hold spaces.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks) * TICK_MS, 0)
}

function statusOctets(pid: number, name: 'VmHWM' | 'VmRSS'): number {
  const line = readOrNothing(`/proc/${pid}/status`)
    .split('\n')
    .find((text) => text.startsWith(`${name}:`))
  return Number(/\d+/.exec(line ?? '')?.[0] ?? 0) * 1_024
}

function readOrNothing(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    // It has just ended.
    return ''
  }
}
