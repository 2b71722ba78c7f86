// SPDX-License-Identifier: Apache-2.0
/** Words that say little; they decide where nothing better was said. */
import { type PhraseRule, phrases } from '../rule.ts'

export const wordsInGeneral: readonly PhraseRule[] = [
  {
    name: 'source-refused',
    class: 'source-refused',
    says: phrases(`
      {client,client host,host,server,connection,connections,ip,ip address,your ip,mta} {is ,was ,are ,has been ,}{rejected,refused by policy,denied,blocked,not allowed,not permitted,not authorized,not accepted,prohibited,forbidden}
      client refused | host refused | host network | refused to talk to | not accepting connections | {server,host} access + forbidden
      {connections,connection,mail} will not be accepted | allowed to connect | access to this mail system
      no access from {mail server,your} | {use,through} {the ,your ,}{smtp server of your isp,isp's,isp,provider's} | smtp server of your isp
      {dynamic,residential,dial-up,dialup,broadband,zombie*} {ip,ips,address*,range,host*} | dial-up | dialup* | geoip* | {your,this} country | from your {country,network}
      invalid ip | bad {helo,ehlo} | invalid {helo,ehlo} | {helo,ehlo} + {rejected,invalid,denied,refused} | must be fully qualified
      not accept + from {your,this} | {mails,mail,messages} from {this,your} {ip,host,server,system} + {not,rejected,refused}
      service refuse{d,} | service not available | closing transmission channel | may not be mail exchanger | too many errors | {temporarily ,}refuses + your
      unable to receive mail from | won't accept + from | acces {refuse,interdit} | zugriff verweigert | accesso negato | acceso denegado
    `),
  },
  {
    name: 'no-recipient-left',
    class: 'no-such-mailbox',
    says: ['no valid recipient', 'no valid recipients'],
  },
  {
    name: 'policy',
    class: 'policy',
    says: phrases(`
      policy | policies | policy reasons | security polic* | local policy | protocol violation
      prohibited | not allowed | not permitted | not authorized | not authorised | unauthorized
      access denied | permission denied | access forbidden | forbidden | denied | message rejected
      message refused | message blocked | message not accepted | message not allowed
      message denied | mail rejected | mail refused | email rejected | email blocked
      mail blocked | rejected for policy | transaction rejected
      administratively | by administrator | blocked | banned | redundant | politique | richtlinie*
      politica* | запрещено | отклонено | 策略 | 拒绝 | 拒收 | 被拒绝 | ポリシー | 拒否
    `),
  },
  {
    // What RFC 5321 §4.2.3 calls a 550, before the server's own words: those say more.
    name: 'mailbox-unavailable',
    class: 'no-such-mailbox',
    says: phrases(`{requested action,requested mail action} not taken: mailbox unavailable`),
    on: 5,
  },
  {
    name: 'recipient-refused',
    class: 'recipient-refused',
    says: phrases(`
      recipient address rejected | recipient rejected | recipient refused | recipient denied
      address rejected | rcpt is rejected | that recipient is not allowed
      cannot deliver mail for | permanent failure for one or more recipients
    `),
  },
]
