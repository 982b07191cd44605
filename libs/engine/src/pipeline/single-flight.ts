/** Runs each key's task once and remembers its result; a failed one is forgotten, so that it can be tried again. */
export class SingleFlight<T> {
  private readonly promises = new Map<string, Promise<T>>();
  private readonly results = new Map<string, T>();

  /** Results that are there. */
  get settled(): readonly T[] {
    return [...this.results.values()];
  }

  run(key: string, task: () => Promise<T>): Promise<T> {
    let promise = this.promises.get(key);
    if (!promise) {
      promise = task().then(
        (result) => {
          this.results.set(key, result);
          return result;
        },
        (error: unknown) => {
          this.promises.delete(key);
          throw error;
        },
      );
      this.promises.set(key, promise);
    }
    return promise;
  }
}
