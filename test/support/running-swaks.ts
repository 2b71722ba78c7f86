// SPDX-License-Identifier: Apache-2.0
/** swaks, as a client that is not ours. */
import type { Finished } from './command-line.ts'
import { runProgram } from './finished-program.ts'
import { unpackedProgram } from './unpacked-program.ts'

const { files, skip } = await unpackedProgram('swaks', 'libnet-ssleay-perl', 'libauthen-sasl-perl')

export const skipWithoutSwaks = skip

export function runSwaks(options: Readonly<Record<string, string>>): Promise<Finished> {
  if (files === null) throw new Error('swaks is not here')
  const args = [files.path('usr/bin/swaks'), ...Object.entries(options).flat()]
  return runProgram('perl', args, { environment: files.environment })
}
