export { TeiModule } from './tei.module';
