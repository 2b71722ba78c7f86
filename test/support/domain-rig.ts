// SPDX-License-Identifier: Apache-2.0
/** Sending domains over a real store and a real name server, with a clock that a test turns. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type DurationMs, days } from '../../src/base/brand.ts'
import { SystemClock } from '../../src/base/clock.ts'
import { newKeyFile, parseKeyFile } from '../../src/base/keyring.ts'
import { silentLog } from '../../src/base/log.ts'
import { ManualClock } from '../../src/base/manual-clock.ts'
import { SystemRandom } from '../../src/base/random.ts'
import { lookUpDue } from '../../src/control/domains/domain-upkeep.ts'
import { StubResolver } from '../../src/dns/stub-resolver.ts'
import { nameServer } from '../../src/dns/system-resolvers.ts'
import { ZoneServer, type ZoneServerOptions } from '../../src/dns/zone-server.ts'
import type { DomainFacts } from '../../src/events/domain-event.ts'
import { openSqliteStore } from '../../src/platform/sqlite/sqlite-store.ts'
import { addDomain, type DomainView, showDomain } from '../../src/records/domains/domain-service.ts'
import type { RecordsContext } from '../../src/records/records-context.ts'
import type { Store } from '../../src/records/store.ts'
import { retrySchedules } from '../../src/records/stream-defaults.ts'
import { installationScope, type TenantScope, tenantScope } from '../../src/records/tenant-scope.ts'
import { addTenant } from '../../src/records/tenant-service.ts'

export class DomainRig implements AsyncDisposable {
  readonly clock = new ManualClock()
  readonly told: DomainFacts[] = []
  readonly host = { hostname: 'relay.example', addresses: ['192.0.2.1'] }
  readonly server: ZoneServer
  rotateAfter: DurationMs | null = null
  readonly #folder: string
  #records: RecordsContext & { readonly store: Store }

  static async open(zone: ZoneServerOptions = {}): Promise<DomainRig> {
    const folder = await mkdtemp(join(tmpdir(), 'posthaste-domains-'))
    const random = new SystemRandom()
    const keyring = parseKeyFile(newKeyFile(random), 'test.key', random)
    const rig = new DomainRig(folder, await ZoneServer.start(zone), {
      ...{ store: await openSqliteStore(join(folder, 'records.sqlite')), keyring, random },
    })
    await addTenant(rig.records, { id: 'acme', name: null, retry: retrySchedules })
    return rig
  }

  private constructor(folder: string, server: ZoneServer, parts: Omit<RecordsContext, 'clock'>) {
    this.#folder = folder
    this.server = server
    this.#records = { ...parts, clock: this.clock }
  }

  get records(): RecordsContext {
    return this.#records
  }

  get parts() {
    return {
      records: this.records,
      resolver: async () => this.resolver(),
      host: () => this.host,
      rotation: () => ({ after: this.rotateAfter, longestRelease: days(30) }),
      tell: async (facts: DomainFacts) => void this.told.push(facts),
    }
  }

  resolver(): StubResolver {
    const servers = [nameServer(this.server.address, this.server.port, false)]
    return new StubResolver({ servers, clock: new SystemClock(), random: new SystemRandom() })
  }

  add(name: string, scope: TenantScope = installationScope): Promise<DomainView> {
    const input = { name, returnPathDomain: null, importedKey: null }
    return addDomain(this.records, scope, input, this.host)
  }

  show(name: string, scope: TenantScope = installationScope): Promise<DomainView> {
    return showDomain(this.records.store, scope, name, this.host)
  }

  async addTenant(id: string): Promise<TenantScope> {
    const { tenant } = await addTenant(this.records, { id, name: null, retry: retrySchedules })
    return tenantScope(tenant.id)
  }

  /** Later, whatever is due then. Gives how many domains that were. */
  async roundAfter(time: DurationMs): Promise<number> {
    this.clock.advance(time)
    return await lookUpDue(this.parts, silentLog, new AbortController().signal)
  }

  /** As after a crash: another process opens what is on the disk. */
  async restart(): Promise<void> {
    await this.records.store[Symbol.asyncDispose]()
    const store = await openSqliteStore(join(this.#folder, 'records.sqlite'))
    this.#records = { ...this.#records, store }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.records.store[Symbol.asyncDispose]()
    await this.server[Symbol.asyncDispose]()
    await rm(this.#folder, { recursive: true })
  }
}
