// A value that components read, and that something else than a component changes.
import { useSyncExternalStore } from 'react';

export class Store<T> {
  private listeners = new Set<() => void>();

  constructor(private current: T) {}

  read = () => this.current;

  set(next: T) {
    if (next !== this.current) {
      this.current = next;
      this.listeners.forEach(listener => listener());
    }
  }

  subscribe = (listener: () => void) => {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  };
}

export const useStore = <T>(store: Store<T>): T => useSyncExternalStore(store.subscribe, store.read);
