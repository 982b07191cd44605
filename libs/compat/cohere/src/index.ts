export { CohereModule } from './cohere.module';
