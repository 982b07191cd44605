export { OllamaModule } from './ollama.module';
