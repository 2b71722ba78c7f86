// SPDX-License-Identifier: Apache-2.0
/**
 * Which relay the command line means: a remote one (`--url`, or POSTHASTE_URL, with POSTHASTE_KEY), the one that runs with
 * this configuration, or, where none runs, its records alone.
 */
import { connect } from 'node:net'
import { ApiClient } from '../../api/client/api-client.ts'
import { remoteTransport, socketTransport } from '../../api/client/http-transport.ts'
import { RelayError } from '../../base/errors.ts'
import type { Config } from '../config/config.ts'
import { controlSocketFile } from '../data-files.ts'

export function remoteClient(url: string, key: string | undefined): ApiClient {
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
    throw new RelayError('RLY_USAGE', `"${url}" is no URL: expected https://relay.example.com`)
  if (key === undefined || key === '')
    throw new RelayError('RLY_USAGE', 'a remote relay wants a key: set POSTHASTE_KEY')
  return new ApiClient(remoteTransport(url, key))
}

/** Runs `work` with the running relay, or with the records where none runs. */
export async function withLocalClient<T>(
  config: Config,
  work: (client: ApiClient) => Promise<T>,
): Promise<T> {
  const socketFile = controlSocketFile(config.dataDir)
  if (await isAnswering(socketFile)) return work(new ApiClient(socketTransport(socketFile)))
  // Opening the records loads ten times what asking a relay does.
  const { withRecordsClient } = await import('./records-access.ts')
  return await withRecordsClient(config, work)
}

/** Whether a process listens there. */
export function isAnswering(socketFile: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(socketFile)
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}
