/** Which methods each path of the service takes. */
export class RouteTable {
  private readonly routes: { readonly segments: readonly string[]; readonly method: string; readonly url: string }[] =
    [];

  /** Every route, as it was declared. */
  get all(): readonly { readonly method: string; readonly url: string }[] {
    return this.routes;
  }

  add(method: string, url: string): void {
    this.routes.push({ segments: segmentsOf(url), method, url });
  }

  /** Methods of the path of a URL, sorted; none where there is no such path. */
  methodsOf(url: string): string[] {
    const wanted = segmentsOf(url.split('?', 1)[0] ?? '');
    const found = this.routes.filter(
      ({ segments }) =>
        segments.length === wanted.length &&
        segments.every((segment, index) => segment.startsWith(':') || segment === wanted[index]),
    );
    return [...new Set(found.map(({ method }) => method))].sort();
  }
}

function segmentsOf(url: string): string[] {
  return url.split('/').filter((segment) => segment !== '');
}
