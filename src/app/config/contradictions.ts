// SPDX-License-Identifier: Apache-2.0
/** What is wrong between keys that are right each by itself. */
import { isIP } from 'node:net'
import { judgedKinds } from '../../queue/standing/thresholds.ts'
import { controlSocketFile, LONGEST_SOCKET_PATH } from '../data-files.ts'
import type { Config } from './config.ts'
import type { HostPort } from './key-types.ts'
import { poolProblems, poolRuleProblems } from './pool-problems.ts'
import type { Problem } from './problems.ts'

export function contradictions(config: Config): Problem[] {
  return [
    ...overlaps(config),
    ...trustOfNobody(config),
    ...loginsOfServers(config),
    ...repeated(
      config.listeners.map(({ name }) => name),
      'listener',
      'name',
    ),
    ...repeated(
      config.sources.map(({ name }) => name),
      'source',
      'name',
    ),
    ...repeated(
      config.routes.map(({ domain }) => JSON.stringify(domain)),
      'route',
      'domain',
    ),
    ...repeated(
      config.sites.map(({ domain }) => JSON.stringify(domain)),
      'site',
      'domain',
    ),
    ...repeated(
      config.pools.map(({ name }) => name),
      'pool',
      'name',
    ),
    ...poolProblems(config),
    ...poolRuleProblems(config),
    ...proxyProblems(config),
    ...standingProblems(config),
    ...namesWithoutVerify(config),
    ...passwordForNobody(config),
    ...loginsOverOidc(config),
    ...sourceFamilies(config),
    ...dataDirHoldsKey(config),
    ...dataDirIsTooDeep(config),
  ]
}

/** Of listeners with each other, with operations, the API and the web; the later one is named. */
function overlaps({ api, listeners, operations, web }: Config): Problem[] {
  const taken: { readonly address: HostPort; readonly by: string }[] = []
  const problems: Problem[] = []
  const take = (address: HostPort, by: string, path: Problem['path']): void => {
    const first = taken.find((other) => overlap(other.address, address))
    const text = `port ${address.port} is taken by ${first?.by}; expected another port`
    if (first !== undefined) problems.push({ path, text })
    taken.push({ address, by })
  }
  for (const [at, { name, addresses }] of listeners.entries())
    for (const address of addresses)
      take(address, `the listener "${name}"`, ['listener', at, 'addresses'])
  take(operations.address, 'operations', ['operations', 'address'])
  if (api !== null) take(api.address, 'the API', ['api', 'address'])
  if (web !== null) take(web.address, 'the web', ['web', 'address'])
  return problems
}

function trustOfNobody({ trusted }: Config): Problem[] {
  return trusted.flatMap(({ network, certificate }, at): Problem[] => {
    if (network !== null || certificate !== null) return []
    return [{ path: ['trusted', at], text: 'names nobody, expected a network or a certificate' }]
  })
}

/** What comes back is brought by servers, and none of them authenticates. */
function loginsOfServers({ listeners }: Config): Problem[] {
  return listeners.flatMap(({ role, clearTextAuth, clientCa }, at): Problem[] => {
    if (role !== 'inbound') return []
    const keys = [
      ...(clearTextAuth === 'never' ? [] : ['clear_text_auth']),
      ...(clientCa === null ? [] : ['client_ca']),
    ]
    const text = 'is for role = "submission": nobody authenticates where mail comes back'
    return keys.map((key) => ({ path: ['listener', at, key], text }))
  })
}

/** Port 0 is any free port. */
function overlap(a: HostPort, b: HostPort): boolean {
  if (a.port !== b.port || a.port === 0) return false
  return a.host === b.host || [a.host, b.host].some((host) => host === '0.0.0.0' || host === '::')
}

function repeated(ids: readonly string[], table: string, key: string): Problem[] {
  return ids.flatMap((id, at): Problem[] => {
    const first = ids.indexOf(id)
    if (first === at) return []
    return [
      {
        path: [table, at, key],
        text: `the same as in the [[${table}]] number ${first + 1}; expected another ${key}`,
      },
    ]
  })
}

function standingProblems({ standing }: Config): Problem[] {
  return judgedKinds.flatMap((kind): Problem[] => {
    if (standing[kind].watch <= standing[kind].bad) return []
    return [{ path: ['standing', kind], text: 'expected "watch" to be at most "bad"' }]
  })
}

/** Names that nobody looks at would make a false sense of safety. */
function namesWithoutVerify(config: Config): Problem[] {
  return config.sites.flatMap(({ tls, tlsNames }, at): Problem[] => {
    if (tls === 'verify' || tlsNames.length === 0) return []
    const text = `names are looked at with tls = "verify" alone; found tls = "${tls}"`
    return [{ path: ['site', at, 'tls_names'], text }]
  })
}

/** Whoever gives them means PostgreSQL, and would go on with the file in the data directory. */
function passwordForNobody({ store }: Config): Problem[] {
  if (store.postgres !== null) return []
  const given = [
    ...(store.passwordFile === null ? [] : ['password_file']),
    ...(store.tlsCa === null ? [] : ['tls_ca']),
  ]
  return given.map((key) => ({
    path: ['store', key],
    text: 'is for PostgreSQL, expected postgres beside it',
  }))
}

/** The provider sends browsers back to an address that it knows, and a grant says whose somebody becomes. */
function loginsOverOidc({ login: { oidc, url } }: Config): Problem[] {
  if (oidc === null) return []
  const path = ['login', 'oidc']
  const without = 'expected login.url beside it: the provider sends browsers back there'
  return [
    ...(url === null ? [{ path, text: without }] : []),
    ...oidc.grant.flatMap((grant, at): Problem[] => {
      const { subject, email, emailDomain, group, tenant, installation } = grant
      const named = [subject, email, emailDomain, group].some((each) => each !== null)
      const texts = [
        ...(named ? [] : ['names nobody, expected subject, email, email_domain or group']),
        ...((tenant !== null) === installation
          ? ['expected either tenant or installation = true']
          : []),
      ]
      return texts.map((text) => ({ path: [...path, 'grant', at], text }))
    }),
  ]
}

function sourceFamilies(config: Config): Problem[] {
  return config.sources.flatMap(({ localAddress }, at): Problem[] => {
    if (localAddress === null || !isUnspecified(localAddress)) return []
    return [
      {
        path: ['source', at, 'address'],
        text: `found "${localAddress}", expected an address of this machine; leave it out and the system chooses`,
      },
    ]
  })
}

function proxyProblems(config: Config): Problem[] {
  return config.sources.flatMap(({ proxy, publicAddress }, at): Problem[] => {
    if (proxy === null) return []
    const { passwordFile, protocol, user } = proxy
    const texts = [
      ...(protocol !== 'socks5' && publicAddress === null
        ? [`names ${protocol} and no public_address: the header says from which address to call`]
        : []),
      ...((user === null) === (passwordFile === null)
        ? []
        : ['wants user and password_file together']),
      ...(protocol !== 'socks5' && user !== null
        ? [`names a user, which ${protocol} has not`]
        : []),
    ]
    return texts.map((text) => ({ path: ['source', at, 'proxy'], text }))
  })
}

function isUnspecified(address: string): boolean {
  return isIP(address) === 4 ? address === '0.0.0.0' : /^[0:]+$/.test(address)
}

/** Whoever copies the data folder must not get the key to its secrets. */
function dataDirHoldsKey({ dataDir, keyFile }: Config): Problem[] {
  if (!keyFile.startsWith(`${dataDir}/`)) return []
  return [
    {
      path: ['key_file'],
      text: `found ${keyFile} inside of data_dir, expected a file outside of it: a copy of the data must not hold the key to its secrets`,
    },
  ]
}

/** Linux cuts longer names of sockets, and says EINVAL to whoever connects. */
function dataDirIsTooDeep({ dataDir }: Config): Problem[] {
  const excess = Buffer.byteLength(controlSocketFile(dataDir)) - LONGEST_SOCKET_PATH
  if (excess <= 0) return []
  const most = Buffer.byteLength(dataDir) - excess
  return [
    {
      path: ['data_dir'],
      text: `found a path of ${Buffer.byteLength(dataDir)} octets, expected at most ${most}: the control socket in it could not have its name`,
    },
  ]
}
