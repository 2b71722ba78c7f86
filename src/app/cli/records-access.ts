// SPDX-License-Identifier: Apache-2.0
/** The API over the records alone, where no relay runs. */
import { LastUses } from '../../accept/logins/last-uses.ts'
import { ApiClient } from '../../api/client/api-client.ts'
import { recordsTransport } from '../../api/client/records-transport.ts'
import { createLog } from '../../base/log.ts'
import { readDirectory } from '../../records/directory.ts'
import { composeApi } from '../compose-api.ts'
import type { Config } from '../config/config.ts'
import { readShaping } from '../config/shaping-files.ts'
import { readWarmUpRules } from '../config/warm-up-files.ts'
import { openRecords } from '../records.ts'

export async function withRecordsClient<T>(
  config: Config,
  work: (client: ApiClient) => Promise<T>,
): Promise<T> {
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
