// SPDX-License-Identifier: Apache-2.0
/** Words that say little; they decide where nothing better was said. */
import { type PhraseRule, phrases } from '../rule.ts'

export const wordsInGeneral: readonly PhraseRule[] = [
  {
    name: 'source-refused',
    class: 'source-refused',
    says: phrases(`
      client host rejected | client host blocked | client host denied | client rejected
      client refused | host rejected | host refused | host not allowed | host network not allowed
      host network | server access + forbidden | not accepting connections | connection rejected
      connection denied | connection not allowed | connections not accepted
      connections will not be accepted | not allowed to connect | access to this mail system
      no access from mail server | use the smtp server of your isp | smtp server of your isp
      use your isp's | dynamic ip* | dynamic address* | dial-up | dialup* | dynamic range
      residential ip | geoip* | your country | ip not allowed | ip is not allowed
      ip address is not allowed | invalid ip | ip rejected | ip is rejected | ip was rejected
      ip address was rejected | not accept + from your | blocked for spam* | service refuse
      service refused | service not available | closing transmission channel
      may not be mail exchanger | bad helo | invalid helo | helo + rejected
      helo command rejected | ehlo + rejected | must be fully qualified | your network
    `),
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
      mail blocked | rejected for policy | transaction failed | transaction rejected
      administratively | by administrator | blocked | banned | redundant | politique | richtlinie*
      politica* | запрещено | отклонено | 策略 | 拒绝 | 拒收 | 被拒绝 | ポリシー | 拒否
    `),
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
