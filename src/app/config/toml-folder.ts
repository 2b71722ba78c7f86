// SPDX-License-Identifier: Apache-2.0
/** Folders of data files. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { messageOf, RelayError } from '../../base/errors.ts'

/** Paths of the TOML files in `folder`, in the order of their names; `what`: of what it is the folder. */
export function tomlFilesIn(folder: string, what: string): readonly string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith('.toml'))
      .sort()
      .map((name) => join(folder, name))
  } catch (thrown) {
    // Whatever the file system says.
    throw new RelayError(
      'RLY_CONFIG_INVALID',
      `the folder of ${what} ${folder} cannot be read: ${messageOf(thrown)}`,
      { cause: thrown },
    )
  }
}
