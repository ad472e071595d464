/** A store that tells of each call before it is made; what `onCall` throws is the answer. */
export const counted = <Store extends object>(
  store: Store,
  onCall: (method: string) => void,
): Store =>
  new Proxy(store, {
    get(target, name) {
      const member = Reflect.get(target, name);
      if (typeof member !== 'function') return member;
      return (...given: unknown[]) => {
        onCall(String(name));
        return Reflect.apply(member, target, given);
      };
    },
  });
