export { JinaModule } from './jina.module';
