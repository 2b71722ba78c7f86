// SPDX-License-Identifier: Apache-2.0
/** Words about the recipient: full, closed, moved, not there, not for everybody. */
import { type PhraseRule, phrases } from '../rule.ts'

export const wordsOfRecipient: readonly PhraseRule[] = [
  {
    name: 'mailbox-full',
    class: 'mailbox-full',
    says: phrases(`
      *mailbox full | mailbox is full | mailbox + is full | mailbox too full
      mailbox isn't + space | mail box full | mail box is full | mailfolder is full
      mail folder is full | maildir full | inbox is full | inbox full | mailbox has exceeded
      mailbox exceeded | mailbox + exceed* + limit | mailbox + exceed* + quota
      mailbox + limit + exceed* | mailbox + size limit | mailbox over | mailbox + out of + space
      out of storage space | storage space + full | exceeded storage | storage quota
      storage allocation | over quota | overquota | over-quota | over his quota | over her quota
      over their quota | over its quota | over the quota | over disk quota | overdrawn
      quota exceeded | quota exceed | quotaexceeded* | quota has been exceeded | quota is exceeded
      exceeded quota | exceeded the quota | exceeded + quota | exceeds quota | exceed quota
      quota full | quota violation | disk quota | mail quota | user quota | account is full
      account full | account + over quota | user is over | not enough disk space
      not enough storage | not enough space | insufficient space | no space left for
      recipient's mailbox + exceed* | too many messages in + mailbox
      messages in + mailbox exceed* | messages in recipient's mailbox | boite pleine
      boite aux lettres pleine | boite + pleine | boite + saturee | quota depasse | quota atteint
      postfach voll | postfach ist voll | postfach + voll | postfach + uberschritten
      mailbox voll | mailbox ist voll | mailbox vol | speicherplatz | postvak vol | buzon lleno
      buzon + lleno | cuota + excedid* | cuota + superad* | caixa cheia | caixa postal cheia
      caixa de correio cheia | caixa + cheia | casella piena | casella + piena | casella + quota
      skrzynka + pelna | schranka + plna | posta kutusu dolu | kota* + asildi | ящик переполнен
      ящик + переполнен | превышена квота | メールボックスがいっぱい | メールボックス + 一杯 | メールボックスの容量 | 容量を超え
      容量オーバー | 邮箱已满 | 邮箱空间不足 | 邮箱 + 已满 | 信箱已滿 | 信箱空間不足 | 메일함 + 가득 | 용량 + 초과
    `),
    unless: ['message size', 'size of your message'],
  },
  {
    name: 'mailbox-closed',
    class: 'mailbox-disabled',
    says: phrases(`
      mailbox + disabled | mailbox disabled | mailbox is disabled | mailbox is inactive
      mailbox inactive | mailbox is blocked | mailbox blocked | mailbox is locked | mailbox locked
      mailbox is suspended | mailbox suspended | mailbox frozen | mailbox is frozen
      mailbox closed | mailbox has been closed | mailbox expired | mailbox deactivated
      mailbox is deactivated | account disabled | account is disabled | account has been disabled
      account that you tried to reach is disabled | account that you tried to reach is inactive
      account + is + disabled | account is inactive | account inactive | account is not active
      account not active | account not activated | account is locked | account locked
      account is blocked | account blocked | account has been blocked | account is suspended
      account suspended | account has been suspended | account is closed | account closed
      account has been closed | account has been deactivated | account deactivated
      account is deactivated | account expired | account has expired | account terminated
      account is terminated | account has been terminated | account + discontinued
      account is unavailable | user disabled | user is disabled | user suspended
      user is suspended | user + suspended | user is inactive | user inactive | inactive user
      inactive recipient | user is terminated | user is blocked | user is locked | user locked
      user hangup | user frozen | user + temporary locked | user + temporarily locked
      recipient disabled | recipient is disabled | recipient suspended | recipient is inactive
      recipient + is blocked | disabled recipient | disabled user | disabled mailbox
      disabled account | suspended account | suspended user | inactive mailbox | inactive account
      expired account | address is inactive | address is disabled | address disabled
      no longer active | not been activated | has been disabled | compte + bloque
      compte + desactive | compte + suspendu | compte + inactif | compte + ferme
      boite + archivee | boite + desactivee | boite + fermee | konto + gesperrt
      konto + deaktiviert | postfach + gesperrt | postfach + deaktiviert | postfach + geschlossen
      mailbox + gesperrt | cuenta + desactivada | cuenta + suspendida | cuenta + bloqueada
      cuenta + deshabilitada | conta + desativada | conta + suspensa | conta + bloqueada
      conta + inativa | account disabilitato | casella + disabilitata | casella + disattivata
      konto + zablokowane | skrzynka + zablokowana | ящик заблокирован | ящик + заблокирован
      ящик отключен | пользователь заблокирован | アカウント + 停止 | アカウント + 無効 | 用户被禁用 | 帐号 + 禁用
      账号 + 禁用 | 帐户 + 停用 | 账户 + 冻结 | 휴면
    `),
  },
  {
    name: 'mailbox-moved',
    class: 'mailbox-moved',
    says: phrases(`
      mailbox has moved | has moved | user has moved | user moved | address has changed
      changed address | no forwarding address | new address is | address has been changed
      is no longer at | has left the company
    `),
  },
]
