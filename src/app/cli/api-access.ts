// SPDX-License-Identifier: Apache-2.0
/**
 * Which relay the command line means: a remote one (`--url`, or POSTHASTE_URL, with POSTHASTE_KEY), the one that runs with
 * this configuration, or, where none runs, its records alone.
 */
import { connect } from 'node:net'
import { LastUses } from '../../accept/logins/last-uses.ts'
import { ApiClient } from '../../api/client/api-client.ts'
import { remoteTransport, socketTransport } from '../../api/client/http-transport.ts'
import { recordsTransport } from '../../api/client/records-transport.ts'
import { RelayError } from '../../base/errors.ts'
import { createLog } from '../../base/log.ts'
import { readDirectory } from '../../records/directory.ts'
import { composeApi } from '../compose-api.ts'
import type { Config } from '../config/config.ts'
import { readShaping } from '../config/shaping-files.ts'
import { readWarmUpRules } from '../config/warm-up-files.ts'
import { controlSocketFile } from '../data-files.ts'
import { openRecords } from '../records.ts'

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
  await using records = await openRecords(config)
  const directory = await readDirectory(records.store)
  const log = createLog('error')
  const context = composeApi({
    log,
    records,
    uses: new LastUses(records.clock),
    config: () => config,
    rules: () => ({ shaping: readShaping(config), warmUp: readWarmUpRules(config) }),
    directory: () => directory,
    refresh: async () => {},
    desk: null,
    place: 'command line',
    views: null,
  })
  return await work(new ApiClient(recordsTransport(context, log)))
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
