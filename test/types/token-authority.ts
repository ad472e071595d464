/**
 * What other Workers are told of `TokenAuthority` is what it is: neither more, nor less, nor
 * otherwise.
 */
import type { Degradation } from '../../src/domain/permit.ts';
import type { Introspected, RpcOptions, RpcQuestion, Verified } from '../../src/edge/rpc.ts';
import type { TokenAuthority } from '../../src/index.ts';
import type * as Declared from '../../src/worker/index.js';

/** An intersection as the one object that it is, in each part of a union. */
type Flat<T> = T extends object ? { [Key in keyof T]: T[Key] } : T;

type Same<One, Other> =
  (<T>() => T extends One ? 1 : 2) extends <T>() => T extends Other ? 1 : 2 ? true : false;

type Method = 'verify' | 'introspect';

/**
 * What a method takes, whether it may be left out, and what it answers: whoever calls by RPC gets a
 * promise of that, be it there at once.
 */
type Calls<Authority extends Record<Method, (...args: never) => unknown>> = {
  [Name in Method]: [
    { [At in keyof Parameters<Authority[Name]>]: Flat<Parameters<Authority[Name]>[At]> },
    Flat<Awaited<ReturnType<Authority[Name]>>>,
  ];
};

export const same: [
  Same<Flat<Declared.RpcOptions>, Flat<RpcOptions>>,
  Same<Flat<Declared.RpcQuestion>, Flat<RpcQuestion>>,
  Same<Flat<Declared.Verified>, Flat<Verified>>,
  Same<Flat<Declared.Introspected>, Flat<Introspected>>,
  Same<NonNullable<Declared.Active['degraded']>, Degradation>,
  Same<Calls<Declared.TokenAuthority>, Calls<TokenAuthority>>,
  Same<keyof Declared.TokenAuthority, keyof TokenAuthority>,
] = [true, true, true, true, true, true, true];

/** Otherwise the above would say nothing. */
export const different: [
  Same<Flat<Declared.Active>, Flat<Declared.Inactive>>,
  Same<Flat<Declared.Verified>, Flat<Declared.Introspected>>,
] = [false, false];
