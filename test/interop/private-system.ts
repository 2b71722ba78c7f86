// SPDX-License-Identifier: Apache-2.0
/**
 * Servers that insist on users and places of the system get them in a mount namespace of their own, where copies lie over the real
 * ones. Needs root and the right to mount.
 */
import { chownSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export interface PrivateSystem {
  /** Takes passwd, group, and the folders that lie over others. */
  readonly folder: string
  readonly users: readonly string[]
  /** Where an empty folder lies over what the system has. */
  readonly emptied?: readonly string[]
}

const FIRST_UID = 64_444

/** Over the folder itself too, so that the users may write there. */
export function ownedBy(user: string, { users }: PrivateSystem, folder: string): string {
  mkdirSync(folder, { recursive: true })
  const uid = FIRST_UID + users.indexOf(user)
  chownSync(folder, uid, uid)
  return folder
}

/** The command that runs `command` there, as the same process. */
export function within(
  system: PrivateSystem,
  command: readonly string[],
): readonly [string, ...string[]] {
  const { folder, users, emptied = [] } = system
  const entries = users.map((name, at) => ({ name, id: FIRST_UID + at }))
  const lines = {
    passwd: entries.map(({ name, id }) => `${name}:x:${id}:${id}::/nonexistent:/bin/false\n`),
    group: entries.map(({ name, id }) => `${name}:x:${id}:\n`),
  }
  const mounts: string[] = []
  for (const [name, added] of Object.entries(lines)) {
    const others = readFileSync(`/etc/${name}`, 'utf8')
      .split('\n')
      .filter((line) => line !== '' && !users.includes(line.split(':')[0] ?? ''))
    writeFileSync(join(folder, name), `${others.join('\n')}\n${added.join('')}`)
    mounts.push(`mount --bind '${join(folder, name)}' /etc/${name}`)
  }
  for (const place of emptied) {
    const over = join(folder, 'over', place)
    mkdirSync(over, { recursive: true })
    mounts.push(`mount --bind '${over}' ${place}`)
  }
  const script = `${mounts.join(' && ')} && exec "$@"`
  return ['unshare', '--mount', '--propagation', 'private', 'sh', '-c', script, 'sh', ...command]
}
