// SPDX-License-Identifier: Apache-2.0
/** Words about hosts, names, time, and the receiver's own trouble. */
import { type PhraseRule, phrases } from '../rule.ts'

export const wordsOfNetwork: readonly PhraseRule[] = [
  {
    name: 'greylist',
    class: 'greylisted',
    says: phrases(`
      greylist* | graylist* | grey-list* | gray-list* | grey list* | postgrey
      first time + try again | liste grise | lista gris | недавно + серый список | 灰名单
    `),
  },
  {
    name: 'too-many-recipients',
    class: 'too-many-recipients',
    says: phrases(`
      too many recipients | too many rcpt* | too many addressees | recipient limit
      recipients limit | maximum number of recipients | max recipients | recipients per message
      recipients per transaction | separate transaction | multiple destination domains
      trop de destinataires | zu viele empfanger | demasiados destinatarios
    `),
  },
  {
    name: 'loop',
    class: 'mail-loop',
    says: phrases(`
      mail loop | mail loops | mailloop | mail forwarding loop | routing loop | loop detected
      looping | loops back to | hop count | too many hops | many hops | exceeded + hops
      too many received | best-preference mx | hops exceeded | boucle de + mail*
    `),
  },
  {
    name: 'expired',
    class: 'expired',
    says: phrases(`
      message {expired,timed out} | envelope expired | delivery {time expired,timed out,time-out} | queue.expired | retry timeout exceeded
      retry time not reached for any host | in the queue too long | could not {be ,}deliver{ed,} for | could not be delivered {for,within,in}
      delivery failed + attempts | after multiple {retries,attempts} | numerous attempts | {delivery,message} has been delayed | {has,have} been delayed
      failing for a long time | too old | not been delivered + {days,hours} | could not find a gateway | not been collected after
      was not reachable within | allowed queue period | failed to deliver to domain | delivery attempts will continue | maximum {queue,delivery} time
      lifetime expired | gave up | exceeded + retry {limit,period,time} | weitere zustellversuche
    `),
    unless: phrases(`
      remote host said | mailbox is full | ldap* | establish an smtp connection
      connection refused by
    `),
  },
  {
    name: 'connection',
    class: 'unreachable',
    says: phrases(`
      connection timed out | connection timeout | connection refused | connection reset
      connection dropped | connection lost | connection closed | connection was closed
      connection failed | connection expired | lost connection | broken pipe | no route to host
      network is unreachable | network unreachable | network error | host is unreachable
      host unreachable | host not reachable | host is down | host down | host or network is down
      unreachable | timed out | timeout | time-out | operation timed out | no answer from host
      no response from | not responding | did not respond | unable to connect | could not connect
      cannot connect | couldn't connect | failed to connect | connect failed
      could not connect | establish an smtp connection | accept our requests to connect
      socket error | winsock* | bad connection | no servers available | no hosts available
      all hosts | all relevant mx records point to non-existent hosts
      communicating with primary target | suspiciousremoteservererror
    `),
    unless: ['no smtp service'],
  },
  {
    name: 'names',
    class: 'dns-failure',
    says: phrases(`
      host name lookup failure | hostname lookup failure | name lookup failure | name server
      nameserver* | name service error | dns error | dns failure | dns lookup | dns query
      dns timeout | dns resolution | dns server | mx lookup | lookup failed | lookup failure
      resolve failed | could not resolve | unable to resolve | cannot resolve | name resolution
      servfail | temporary domain failure | unable to route | no route | unrouteable
    `),
    unless: ['sender', 'client host'],
  },
  {
    name: 'shutting-down',
    class: 'receiver-trouble',
    says: phrases(`shutting down | shutdown`),
  },
  {
    name: 'trouble',
    class: 'receiver-trouble',
    says: phrases(`
      internal server error | internal error | internal system error | internal resource*
      local error in processing | error in processing | system error | system not accepting
      system not capable | system incorrectly configured | system config* error
      configuration error | server configuration | temporary failure | temporary error
      temporary server error | temporary problem | temporary system | temporary local problem
      temporary lookup failure | temporarily unavailable | temporarily unable
      temporarily rejected | temporarily deferred | temporarily suspended | resources temporarily
      resource temporarily | insufficient system | insufficient resources | insufficient storage
      system storage | system resources | system full | out of memory | out of disk
      no space left on device | disk full | server busy | server is busy | server too busy
      system busy | too busy | busy | overloaded | overload | load too high | high load
      maintenance | queue file write error | write error | read error | i/o error | ldap*
      database error | directory server | mailer error | unknown mailer error
      local delivery failed | command died | procmail* | pipe to | child status | exit 75
      service unavailable + exec | cannot create | couldn't create | permission denied
      try again later | please retry | retry later | try later | come back later
      please try again | technical problem* | technical difficult* | erreur temporaire
      veuillez essayer plus tard | reessayer plus tard | voruberg* + fehler | vorubergehend*
      spater + erneut | intente + mas tarde | tente novamente | riprovare piu tardi
      попробуйте позже | повторите попытку | 稍后再试 | 请稍后 | しばらくして
    `),
    unless: ['closing transmission channel', 'service refuse', 'service refused'],
  },
  {
    name: 'protocol',
    class: 'protocol-error',
    says: phrases(`
      syntax error | bad sequence of commands | out of sequence | command unrecognized
      unrecognized command | command not recognized | command not implemented | unknown command
      parameter not implemented | unsupported parameter | command line too long | need mail command | need rcpt
      no data after bdat | invalid command | malformed address | improper command pipelining
    `),
    unless: ['user unknown', 'unknown user', 'not taken: mailbox unavailable'],
  },
]
