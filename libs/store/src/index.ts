export {
  loadCatalogue,
  parseCatalogue,
  shippedCatalogue,
  type CatalogueFile,
  type CatalogueModel,
} from './catalogue/catalogue';
export type { HubOptions, Patience, Proxies } from './hub/hub-options';
export { HubSource } from './hub/hub-source';
export { LayoutError, readLayout, type Layout } from './sentence-transformers/layout';
export { SentenceTransformersSource } from './sentence-transformers/sentence-transformers-source';
export { StoreModule, type StoreModuleOptions } from './store.module';
