// SPDX-License-Identifier: Apache-2.0
/** A program of somebody else for one scenario: fetched on a build machine, elsewhere used where it was fetched before. */
import { isBuildMachine } from '../interop/availability.ts'
import { fetched, type Unpacked, unpacked } from '../interop/packages.ts'

/** With the reason for `skip` where it is not here. */
export async function unpackedProgram(
  ...debian: readonly [string, ...string[]]
): Promise<{ readonly files: Unpacked | null; readonly skip: string | false }> {
  const files = isBuildMachine ? await fetched({ debian }) : unpacked({ debian })
  return { files, skip: files === null && `${debian[0]} is not here; "CI=1 npm test" fetches it` }
}
