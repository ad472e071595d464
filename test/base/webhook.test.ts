/** Where webhooks may lead, and how their deliveries are signed. */
import { describe, expect, it } from 'vitest';
import { signDelivery, writeWebhookSecret } from '../../src/base/standard-webhook.ts';
import { readWebhookUrl } from '../../src/base/webhook-url.ts';

const strict = { own: ['https://latchkey.example.com'], insecure: false };
const local = { own: ['http://127.0.0.1:8787'], insecure: true };

const faultOf = (url: string, rules = strict): string => {
  const read = readWebhookUrl(url, rules);
  return 'fault' in read ? read.fault : '';
};

describe('a webhook leads to', () => {
  it.each([
    ['https://hooks.example.org', 'https://hooks.example.org/'],
    ['HTTPS://Hooks.Example.ORG:443/a?b=c', 'https://hooks.example.org/a?b=c'],
    ['https://hooks.example.org:1024/', 'https://hooks.example.org:1024/'],
    ['https://hooks.example.org:65535/', 'https://hooks.example.org:65535/'],
    ['https://höks.example.org/ö', 'https://xn--hks-sna.example.org/%C3%B6'],
    ['https://hooks.example.org/a@b', 'https://hooks.example.org/a@b'],
    // Another service below the name of ours.
    ['https://hooks.latchkey.example.com/', 'https://hooks.latchkey.example.com/'],
    [`https://hooks.example.org/${'a'.repeat(2_022)}`, expect.any(String)],
  ])('%s', (text, url) => {
    expect(readWebhookUrl(text, strict)).toEqual({ url });
    expect(readWebhookUrl(text, local)).toEqual({ url });
  });

  it.each([
    ['', /a URL such as/],
    ['hooks.example.org', /a URL such as/],
    ['ftp://hooks.example.org/', /a URL such as/],
    ['javascript:alert(1)', /a URL such as/],
    ['data:text/plain,x', /a URL such as/],
    ['https:hooks.example.org', /a URL such as/],
    ['https:///hooks.example.org', /a URL such as/],
    ['https:\\\\hooks.example.org', /a URL such as/],
    ['https://hooks.example.org\\@10.0.0.1/', /a URL such as/],
    ['https://hooks.exam\nple.org/', /a URL such as/],
    [' https://hooks.example.org/', /a URL such as/],
    ['https://hooks.exam\u00adple.org/', /a URL such as/],
    ['https://hooks.example.org:99999/', /a URL such as/],
    ['https://1.2.3.4.5/', /a URL such as/],
    ['http://hooks.example.org/', /begin with https/],
    ['https://user@hooks.example.org/', /before "@"/],
    ['https://user:word@hooks.example.org/', /before "@"/],
    ['https://@hooks.example.org/', /before "@"/],
    ['https://:@hooks.example.org/', /before "@"/],
    ['https://hooks.example.org/#part', /"#"/],
    ['https://hooks.example.org/#', /"#"/],
    ['https://hooks.example.org:22/', /port 443/],
    ['https://hooks.example.org:0/', /port 443/],
    ['https://hooks.example.org:80/', /port 443/],
    ['https://hooks.example.org:1023/', /port 443/],
    ['https://hooks.example.org./', /dot at the end/],
    ['https://hooks/', /whole internet/],
    ['https://printer.local/', /whole internet/],
    ['https://metadata.google.internal/', /whole internet/],
    ['https://1.0.0.127.in-addr.arpa/', /whole internet/],
    ['https://localhost/', /whole internet/],
    ['https://a.localhost/', /whole internet/],
    ['https://localhost.localdomain/', /whole internet/],
    ['https://hooks.test/', /whole internet/],
    ['https://.com/', /whole internet/],
    ['https://hooks..example.org/', /whole internet/],
    [`https://${'a'.repeat(64)}.example.org/`, /whole internet/],
    [`https://${'abc.'.repeat(62)}example.org/`, /whole internet/],
    ['https://latchkey.example.com/graphql', /not to this one/],
    ['https://LATCHKEY.example.com:8443/', /not to this one/],
    [`https://hooks.example.org/${'a'.repeat(2_023)}`, /at most 2048/],
    [`https://hooks.example.org/${'ö'.repeat(400)}`, /at most 2048/],
  ])('no %s', (text, why) => expect(faultOf(text)).toMatch(why));

  it.each([
    '127.0.0.1',
    '10.0.0.1',
    '169.254.169.254',
    '8.8.8.8',
    '2130706433',
    '0x7f000001',
    '0x7f.1',
    '0177.0.0.1',
    '017700000001',
    '127.1',
    '0',
    '127.0.0.1.',
    '%31%32%37.0.0.1',
    '１２７.０.０.１',
    '127。0。0。1',
    '[::1]',
    '[::]',
    '[::ffff:127.0.0.1]',
    '[0:0:0:0:0:ffff:7f00:1]',
    '[64:ff9b::7f00:1]',
    '[fe80::1]',
    '[2606:4700::1111]',
  ])('no address: %s', (host) => {
    expect(faultOf(`https://${host}/`)).toMatch(/an address is not taken/);
    expect(faultOf(`https://${host}:8443/`, local)).not.toBe('');
  });

  it('this machine, by http alone, where it is developed on', () => {
    for (const host of ['localhost:9000', '127.0.0.1:9000', '127.9.9.9:1024', '[::1]:9000']) {
      expect(readWebhookUrl(`http://${host}/a`, local)).toEqual({ url: `http://${host}/a` });
      expect(faultOf(`http://${host}/a`)).toMatch(/begin with https/);
      expect(faultOf(`https://${host}/a`, local)).toMatch(/begin with http:/);
    }
    for (const host of ['hooks.example.org:9000', '10.0.0.1:9000', 'a.localhost:9000']) {
      expect(faultOf(`http://${host}/`, local), host).toMatch(/this machine, such as/);
    }
    for (const host of ['[::ffff:127.0.0.1]:9000', '0.0.0.0:9000', '127.0.0.1.example.org:9000']) {
      expect(faultOf(`http://${host}/`, local), host).toMatch(/this machine, such as/);
    }
    for (const host of ['localhost', '127.0.0.1:80', '127.0.0.1:1023', '[::1]:22']) {
      expect(faultOf(`http://${host}/`, local), host).toMatch(/port from 1024/);
    }
    for (const host of ['localhost:8787', '127.0.0.2:8787', '[::1]:8787', '2130706433:8787']) {
      expect(faultOf(`http://${host}/`, local), host).toMatch(/listens on that port/);
    }
    expect(faultOf('http://u@127.0.0.1:9000/', local)).toMatch(/before "@"/);
  });

  it('no text that is not well-formed', () => {
    expect(faultOf('https://hooks.example.org/\ud800')).toMatch(/a URL such as/);
  });

  it('not to us, be our name written with a dot at its end', () => {
    const dotted = { own: ['https://latchkey.example.com.:8443'], insecure: false };
    expect(faultOf('https://latchkey.example.com/', dotted)).toMatch(/not to this one/);
    const here = { own: ['http://localhost.:8787'], insecure: true };
    expect(faultOf('http://127.0.0.1:8787/', here)).toMatch(/listens on that port/);
  });
});

describe('a delivery is signed', () => {
  // As the libraries of Standard Webhooks test it.
  const secret = Uint8Array.from(Buffer.from('MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'base64'));
  const delivery = {
    id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    at: 1_614_265_330_999,
    body: '{"test": 2432232314}',
  };

  it('as Standard Webhooks has it, in whole seconds', async () => {
    expect(await signDelivery([secret], delivery)).toEqual({
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    });
    expect(writeWebhookSecret(secret)).toBe('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw');
  });

  it('by two secrets while one takes the place of the other', async () => {
    const other = new Uint8Array(32).fill(7);
    const first = (await signDelivery([other], delivery))['webhook-signature'];
    const second = (await signDelivery([secret], delivery))['webhook-signature'];
    const both = await signDelivery([other, secret], delivery);
    expect(first).not.toBe(second);
    expect(both['webhook-signature']).toBe(`${first} ${second}`);
  });
});
